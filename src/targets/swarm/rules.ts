import type { Path } from '../../model/props.js';
import { composeFileSchema, composeServiceSchema } from '../compose-schema.js';
import type { FileRules } from '../patched-file.js';

/** What `docker stack deploy` takes and honours: it reads more than it uses, and less than Compose. */
export const STACK_RULES: FileRules = {
  target: 'swarm',
  file: composeFileSchema('stack'),
  service: composeServiceSchema('stack'),
  refusal,
  // Of the file, of a service, a network, a volume, a config or a secret.
  leavesNote: ({ length }) => length === 1 || length === 3,
};

function refusal(path: Path, shown: string): string | undefined {
  const place = placeOf(path);
  const found = Object.entries({ ignores: IGNORED, refuses: REFUSED }).find(([, keys]) => Object.hasOwn(keys, place));
  return found && `docker stack deploy ${found[0]} ${shown}; ${found[1][place]}`;
}

/** A path without the names that the user chose: `service.ports.*.host_ip`. */
function placeOf([top = '', id, ...inside]: Path): string {
  const keys = inside.map((key, index) => (typeof key === 'number' || inside[index - 1] === 'networks' ? '*' : key));
  if (id === undefined) return String(top);
  return [top === 'services' ? 'service' : `${top}.*`, ...keys].join('.');
}

const OUT = 'take it out';

/** What is passed over, mostly without a word, and what to do instead. */
const IGNORED: Readonly<Record<string, string>> = {
  'service.build': 'build the image beforehand',
  'service.cgroup_parent': OUT,
  'service.cgroupns_mode': OUT,
  'service.container_name': OUT,
  'service.depends_on': 'a Swarm starts everything at once, so let the app wait for what it needs',
  'service.devices': OUT,
  'service.domainname': OUT,
  'service.expose': OUT,
  'service.external_links': 'use networks',
  'service.ipc': OUT,
  'service.links': 'use networks',
  'service.mac_address': OUT,
  'service.network_mode': 'use networks',
  'service.networks.*.ipv4_address': OUT,
  'service.networks.*.ipv6_address': OUT,
  'service.oom_score_adj': OUT,
  'service.pid': OUT,
  'service.privileged': 'use cap_add',
  'service.restart': 'use deploy.restart_policy',
  'service.security_opt': OUT,
  'service.shm_size': 'use volumes with type "tmpfs" and target "/dev/shm"',
  'service.tmpfs': 'use volumes with type "tmpfs"',
  'service.userns_mode': OUT,
  'service.volumes.*.bind.create_host_path': OUT,
  'service.volumes.*.bind.recursive': OUT,
  'service.volumes.*.bind.selinux': OUT,
  'service.volumes.*.tmpfs.mode': OUT,
  'service.volumes.*.volume.labels': OUT,
};

/** What is an error for it, though Compose knows it, and what to do instead. */
const REFUSED: Readonly<Record<string, string>> = {
  ...places(
    'service',
    'annotations attach blkio_config cgroup cpu_rt_period cpu_rt_runtime develop device_cgroup_rules dns_opt extends ' +
      'gpus group_add label_file mem_swappiness models oom_kill_disable post_start pre_start pre_stop profiles provider ' +
      'pull_policy pull_refresh_after runtime storage_opt use_api_socket uts volumes_from',
    OUT,
  ),
  ...places(
    'service',
    'cpu_count cpu_percent cpu_period cpu_quota cpu_shares cpus cpuset mem_limit mem_reservation memswap_limit pids_limit',
    'use deploy.resources',
  ),
  ...places('service.ports.*', 'app_protocol name', OUT),
  ...places('service.networks.*', 'gw_priority interface_name link_local_ips mac_address priority', OUT),
  ...places('networks.*', 'enable_ipv4 enable_ipv6 ipam.options', OUT),
  ...places('networks.*.ipam.config.*', 'aux_addresses gateway ip_range', OUT),
  'service.deploy.resources.reservations.devices': 'use generic_resources',
  'service.platform': 'use deploy.placement.constraints, such as "node.platform.arch == x86_64"',
  'service.ports.*.host_ip': 'a Swarm publishes on every address of its nodes, so use a firewall',
  'service.scale': 'use deploy.replicas',
  'configs.*.content': 'use file',
  'configs.*.environment': 'use file',
  'secrets.*.environment': 'use external',
  name: 'docker stack deploy is given the name',
  include: OUT,
  models: OUT,
};

function places(above: string, keys: string, next: string): Record<string, string> {
  return Object.fromEntries(keys.split(' ').map((key) => [`${above}.${key}`, next]));
}
