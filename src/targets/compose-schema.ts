import * as v from 'valibot';
import { Interpolated } from '../formats/compose.js';
import { isObject, type PropsSchema } from '../model/props.js';
import { must, trueOrFalse, wholeNumber } from '../model/values.js';

/** Whose file it is: Docker Compose's, or that of `docker stack deploy`, which takes less (config_schema_v3.13.json). */
export type ComposeDialect = 'compose' | 'stack';

type Entries = Record<string, v.GenericSchema>;

const word = must<string>('a text', (x) => typeof x === 'string');
const wordOrNumber = must<string | number>('a text or a number', (x) => ['string', 'number'].includes(typeof x));
const words = v.array(word);
const amount = wholeNumber(0, 2 ** 31 - 1);
const name = must<string>('a text', (x) => typeof x === 'string' || x instanceof Interpolated);
const duration = must<string>(
  'a time with its unit, such as "30s"',
  (x) => typeof x === 'string' && /^(0|(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+)$/.test(x),
);
const size = must<string>(
  'a size as Docker spells it, such as "512M"',
  (x) => typeof x === 'string' && /^\d+(\.\d+)? ?([kmgtp]?b?)$/i.test(x),
);
const entryName = must<string>(
  'named with letters, digits, ".", "_" and "-"',
  (x) => typeof x === 'string' && /^[a-zA-Z0-9._-]+$/.test(x),
);
const version = must<string>('"3.13", or be left out', (x) => x === '3.13');
const variable = must<string | number | null>(
  'a text, a number or null',
  (x) => x === null || typeof x === 'string' || typeof x === 'number',
);
const external = must<boolean>('true or false', (x) => typeof x === 'boolean' || isObject(x));
const anything = v.unknown();

const mapOf = (value: v.GenericSchema) => v.record(word, value);
const pairs = v.lazy((x) => (Array.isArray(x) ? words : mapOf(variable)));
const wordOrWords = v.lazy((x) =>
  Array.isArray(x) ? words : must<string>('a text or a list of texts', (one) => typeof one === 'string'),
);
const numberOrRange = v.lazy((x) => (isObject(x) ? object({}, { soft: amount, hard: amount }) : amount));

/** An object that knows these keys alone. */
function object(optional: Entries, required: Entries = {}): PropsSchema {
  const entries = Object.entries(optional).map(([key, one]) => [key, v.optional(one)] as const);
  return v.strictObject({ ...required, ...Object.fromEntries(entries) });
}

/** An item of a list, which has a short form of one text and a long form of an object. */
function shortOrLong(short: v.GenericSchema, long: PropsSchema) {
  return v.lazy((x) => (isObject(x) ? long : short));
}

/** The whole file. */
export function composeFileSchema(dialect: ComposeDialect): PropsSchema {
  const optional = {
    version: dialect === 'stack' ? version : word,
    networks: v.record(entryName, v.nullable(object(network(dialect)))),
    volumes: v.record(entryName, v.nullable(object(volume()))),
    configs: v.record(entryName, object(fileEntry(dialect, ['content', 'environment']))),
    secrets: v.record(entryName, object({ ...fileEntry(dialect, ['environment']), driver: word, driver_opts: pairs })),
    ...(dialect === 'compose' ? { name: word, include: v.array(anything), models: anything } : {}),
  };
  return object(optional, { services: v.record(entryName, composeServiceSchema(dialect)) });
}

/** One service of the file. */
export function composeServiceSchema(dialect: ComposeDialect): PropsSchema {
  return object({ ...sharedService(dialect), ...(dialect === 'compose' ? composeOnly() : {}) });
}

/** What both take, and honour. */
function sharedService(dialect: ComposeDialect): Entries {
  const mode = dialect === 'compose' ? wordOrNumber : wholeNumber(0, 0o7777);
  const reference = shortOrLong(word, object({ source: word, target: word, uid: word, gid: word, mode }));
  return {
    image: must<string>('the reference of an image', (x) => typeof x === 'string' && x !== ''),
    entrypoint: words,
    command: words,
    environment: mapOf(variable),
    env_file: dialect === 'stack' ? wordOrWords : anything,
    user: word,
    working_dir: word,
    hostname: word,
    read_only: trueOrFalse,
    init: trueOrFalse,
    tty: trueOrFalse,
    stdin_open: trueOrFalse,
    cap_add: words,
    cap_drop: words,
    configs: v.array(reference),
    secrets: v.array(reference),
    volumes: v.array(mount(dialect)),
    ports: v.array(port(dialect)),
    networks: serviceNetworks(dialect),
    dns: wordOrWords,
    dns_search: wordOrWords,
    extra_hosts: v.lazy((x) => (Array.isArray(x) ? words : mapOf(dialect === 'compose' ? wordOrWords : word))),
    healthcheck: object({
      test: wordOrWords,
      interval: duration,
      timeout: duration,
      retries: amount,
      start_period: duration,
      start_interval: duration,
      disable: trueOrFalse,
    }),
    stop_signal: word,
    stop_grace_period: duration,
    deploy: object(deploy(dialect)),
    logging: object({ driver: word, options: mapOf(variable) }),
    labels: pairs,
    sysctls: pairs,
    ulimits: mapOf(numberOrRange),
    isolation: word,
    credential_spec: object({ config: word, file: word, registry: word }),
  };
}

/** Words of the Compose Specification that a Swarm has nothing for. */
function composeOnly(): Entries {
  const loose =
    'annotations attach blkio_config cgroup cgroup_parent cpu_count cpu_percent cpu_period cpu_quota cpu_rt_period ' +
    'cpu_rt_runtime cpus depends_on develop devices expose extends gpus label_file mem_limit mem_reservation ' +
    'mem_swappiness memswap_limit models oom_kill_disable oom_score_adj pids_limit post_start pre_start pre_stop ' +
    'profiles provider scale shm_size storage_opt use_api_socket';
  return {
    ...Object.fromEntries(loose.split(' ').map((key) => [key, anything])),
    build: v.lazy((x) => (isObject(x) ? object(build()) : word)),
    container_name: must<string>(
      'named with letters, digits, "_", "." and "-", at least two',
      (x) => typeof x === 'string' && /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(x),
    ),
    cpu_shares: amount,
    cpuset: word,
    device_cgroup_rules: words,
    dns_opt: words,
    domainname: word,
    external_links: words,
    group_add: v.array(wordOrNumber),
    ipc: word,
    links: words,
    mac_address: word,
    network_mode: word,
    pid: word,
    platform: word,
    privileged: trueOrFalse,
    pull_policy: word,
    pull_refresh_after: word,
    restart: word,
    runtime: word,
    security_opt: words,
    tmpfs: wordOrWords,
    userns_mode: word,
    uts: word,
    volumes_from: words,
  };
}

function build(): Entries {
  const loose =
    'additional_contexts cache_from cache_to entitlements extra_hosts isolation labels network no_cache platforms ' +
    'privileged provenance pull sbom secrets shm_size ssh tags ulimits';
  return {
    ...Object.fromEntries(loose.split(' ').map((key) => [key, anything])),
    context: word,
    dockerfile: word,
    dockerfile_inline: word,
    target: word,
    args: pairs,
  };
}

function mount(dialect: ComposeDialect): v.GenericSchema {
  const compose = dialect === 'compose';
  const types = ['volume', 'bind', 'tmpfs', 'npipe', 'cluster', ...(compose ? ['image'] : [])];
  const optional = {
    source: word,
    target: word,
    read_only: trueOrFalse,
    consistency: word,
    bind: object({
      propagation: word,
      ...(compose ? { create_host_path: trueOrFalse, recursive: word, selinux: word } : {}),
    }),
    volume: object({ nocopy: trueOrFalse, subpath: word, ...(compose ? { labels: pairs } : {}) }),
    tmpfs: object({
      size: compose ? wordOrNumber : wholeNumber(0, 2 ** 50),
      ...(compose ? { mode: wordOrNumber } : {}),
    }),
    ...(compose ? { image: object({ subpath: word }) } : {}),
  };
  return shortOrLong(word, object(optional, { type: v.picklist(types, `must be one of ${types.join(', ')}`) }));
}

function port(dialect: ComposeDialect): v.GenericSchema {
  const number = wholeNumber(1, 65535);
  const withoutAddress = must<string | number>(
    'a port without an address, since a Swarm publishes on every address of its nodes',
    (x) => typeof x === 'number' || (typeof x === 'string' && x.split(':').length <= 2),
  );
  if (dialect === 'stack')
    return shortOrLong(withoutAddress, object({ target: number, published: number, protocol: word, mode: word }));
  const numbers = { target: wordOrNumber, published: wordOrNumber };
  const rest = { host_ip: word, protocol: word, app_protocol: word, mode: word, name: word };
  return shortOrLong(wordOrNumber, object({ ...numbers, ...rest }));
}

function serviceNetworks(dialect: ComposeDialect): v.GenericSchema {
  const attachment = object({
    aliases: words,
    driver_opts: mapOf(wordOrNumber),
    ...(dialect === 'compose'
      ? {
          ipv4_address: word,
          ipv6_address: word,
          link_local_ips: words,
          mac_address: word,
          interface_name: word,
          priority: anything,
          gw_priority: anything,
        }
      : {}),
  });
  return v.lazy((x) => (Array.isArray(x) ? words : v.record(entryName, v.nullable(attachment))));
}

function deploy(dialect: ComposeDialect): Entries {
  const compose = dialect === 'compose';
  const resources = { cpus: compose ? wordOrNumber : word, memory: size };
  const update = object({
    parallelism: amount,
    delay: duration,
    failure_action: word,
    monitor: duration,
    max_failure_ratio: must<number>('a number from 0 to 1', (x) => typeof x === 'number' && x >= 0 && x <= 1),
    order: v.picklist(['start-first', 'stop-first'], 'must be "start-first" or "stop-first"'),
  });
  return {
    mode: word,
    replicas: amount,
    endpoint_mode: word,
    labels: pairs,
    resources: object({
      limits: object({ ...resources, pids: wholeNumber(-1, 2 ** 31 - 1) }),
      reservations: object({ ...resources, generic_resources: anything, ...(compose ? { devices: anything } : {}) }),
    }),
    restart_policy: object({ condition: word, delay: duration, max_attempts: amount, window: duration }),
    update_config: update,
    rollback_config: update,
    placement: object({
      constraints: words,
      preferences: v.array(object({ spread: word })),
      max_replicas_per_node: amount,
    }),
  };
}

function network(dialect: ComposeDialect): Entries {
  const compose = dialect === 'compose';
  const range = { subnet: word, ...(compose ? { ip_range: word, gateway: word, aux_addresses: anything } : {}) };
  return {
    ...volume(),
    internal: trueOrFalse,
    attachable: trueOrFalse,
    ipam: object({ driver: word, config: v.array(object(range)), ...(compose ? { options: anything } : {}) }),
    ...(compose ? { enable_ipv4: trueOrFalse, enable_ipv6: trueOrFalse } : {}),
  };
}

function volume(): Entries {
  return { name, driver: word, driver_opts: mapOf(wordOrNumber), external, labels: pairs };
}

function fileEntry(dialect: ComposeDialect, composeOnlyKeys: readonly string[]): Entries {
  return {
    name,
    file: word,
    external,
    labels: pairs,
    template_driver: word,
    ...(dialect === 'compose' ? Object.fromEntries(composeOnlyKeys.map((key) => [key, word])) : {}),
  };
}
