import { EDGE_COMMAND } from '../containers.js';

/** File in which an nginx finds its name server. */
export const RESOLVER = '/tmp/resolver.conf';

/** Shell script that starts nginx in a pod. Which name server a pod should ask is known in the pod alone. */
export function startScript(leaving: string): string {
  return `set -eu
# A container that is started again finds the files of the one before.
rm -f ${leaving}
servers=
while read -r word address rest || [ -n "$word" ]; do
  [ "$word" = nameserver ] || continue
  case $address in *:*) address="[$address]" ;; esac
  servers="$servers $address"
done </etc/resolv.conf
echo "resolver$servers valid=1s ipv6=off;" >${RESOLVER}
# While no name server answers nginx knows no app, and would be ready to say 502.
until getent hosts kubernetes.default.svc.cluster.local >/dev/null || [ $? != 2 ]; do sleep 1; done
exec ${EDGE_COMMAND.join(' ')}
`;
}
