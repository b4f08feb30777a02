import { certificateCommand, certificateIn, curlAnswer, curlCommand } from '../curl.js';
import { KILL_COMMAND, killedPid } from '../kill-process.js';
import type { Kubectl } from '../kubectl.js';
import type { Release } from '../ledger.js';
import type { Probe } from '../probe.js';
import { appOfPod, describePod, isReady, type DescribedPod } from './describe.js';

interface EdgeService {
  readonly spec: { readonly ports: readonly { readonly port: number; readonly nodePort?: number }[] };
  readonly status: { readonly loadBalancer?: { readonly ingress?: readonly { ip?: string; hostname?: string }[] } };
}

interface Node {
  readonly status: { readonly addresses: readonly { readonly type: string; readonly address: string }[] };
}

/** A release that runs in a namespace of a cluster. */
export function kubernetesProbe(cluster: Kubectl, { plan }: Release): Probe {
  const { name, namespace = name, edge } = plan;
  const kubectl = cluster.in(namespace);
  const pods = async (): Promise<DescribedPod[]> => {
    const own = ['--selector', `app.kubernetes.io/instance=${name}`, '--field-selector', 'status.phase=Running'];
    const { items } = await kubectl.json<{ items: DescribedPod[] }>(['get', 'pods', ...own]);
    return items.filter(isReady);
  };
  return {
    async ask(request) {
      const pod = (await pods()).find((one) => appOfPod(one) === 'nginx');
      if (!pod) return undefined;
      const { body } = request;
      const words = [
        'exec',
        ...(body === undefined ? [] : ['--stdin']),
        pod.metadata.name,
        '--',
        ...curlCommand(request, plan),
      ];
      return curlAnswer(await kubectl.attempt(words, body === undefined ? {} : { input: body }));
    },
    async certificate() {
      const pod = edge?.https && (await pods()).find((one) => appOfPod(one) === 'nginx');
      return (
        pod && certificateIn(await kubectl.attempt(['exec', pod.metadata.name, '--', ...certificateCommand(plan)]))
      );
    },
    describe: async () => (await pods()).flatMap(describePod),
    async kill(app) {
      for (const pod of await pods()) {
        if (appOfPod(pod) !== app) continue;
        const pid = killedPid(await kubectl.attempt(['exec', pod.metadata.name, '--', ...KILL_COMMAND]));
        if (pid !== undefined) return { container: pod.metadata.name, pid };
      }
      return undefined;
    },
    async addresses() {
      if (!edge) return [];
      const { spec, status } = await kubectl.json<EdgeService>(['get', 'service', `${name}-nginx`]);
      const [{ port, nodePort } = { port: edge.port }] = spec.ports;
      const balancers = (status.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }) => ip ?? hostname ?? []);
      if (balancers.length > 0) return balancers.map((host) => `${host}:${port}`);
      if (nodePort === undefined) return [];
      const { items } = await cluster.json<{ items: Node[] }>(['get', 'nodes']);
      return items.flatMap((node) =>
        node.status.addresses
          .filter(({ type }) => type === 'InternalIP')
          .map(({ address }) => `${address}:${nodePort}`),
      );
    },
  };
}
