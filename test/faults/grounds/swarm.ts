import { swarmEngine, type SwarmManager } from '../../harness/engines.js';
import { containerStates, docker, dockerLines, runningContainers, tell } from '../../harness/running/docker.js';
import { waitFor } from '../../harness/wait.js';
import type { Ground } from '../ground.js';
import { killProcesses } from '../host-processes.js';

/** A Swarm of three managers. */
export async function swarmGround(): Promise<Ground> {
  const engine = await swarmEngine();
  const [manager] = engine.managers as [SwarmManager];
  const swarm = { host: manager.host, env: engine.env };
  const nodes = engine.managers.map(({ host }) => ({ host, env: engine.env }));
  const onEachNode = async <T>(look: (node: (typeof nodes)[number]) => Promise<T[]>): Promise<T[]> =>
    // One that is switched off has nothing to say.
    (await Promise.all(nodes.map((node) => look(node).catch(() => [])))).flat();

  const own = (name: string) => ['--filter', `label=com.docker.stack.namespace=${name}`];
  const labelled = (name: string) => ['--filter', `label=asgi-synth.stack=${name}`];
  const remains = async (name: string) => {
    const named = (kind: string, filter: readonly string[]) =>
      dockerLines(swarm, kind, 'ls', ...filter, '--format', `${kind} {{.Name}}`);
    const found = await Promise.all([
      ...['service', 'config', 'network'].map((kind) => named(kind, own(name))),
      ...['config', 'secret'].map((kind) => named(kind, labelled(name))),
      onEachNode((node) => dockerLines(node, 'ps', '--all', ...own(name), '--format', 'container {{.Names}}')),
    ]);
    return [...new Set(found.flat())];
  };
  return {
    target: 'swarm',
    engine,
    builderEnv: engine.builder.env,
    address: `${manager.address}:9`,
    // Commands go to the first: it stays.
    nodes: engine.managers.slice(1).map(({ name }) => name),
    versions: async () =>
      `Docker Engine ${await docker(swarm, 'version', '--format', '{{.Server.Version}}')}, a Swarm of ${nodes.length} managers`,
    async entrances(name, scheme = 'http') {
      const ports = await dockerLines(
        swarm,
        'service',
        'inspect',
        '--format',
        '{{range .Endpoint.Spec.Ports}}{{println .TargetPort .PublishedPort}}{{end}}',
        `${name}_nginx`,
      );
      const inside = scheme === 'https' ? '8443' : '8080';
      return ports
        .map((line) => line.split(' '))
        .filter(([target]) => target === inside)
        .flatMap(([, port]) => engine.managers.map(({ address }) => `${address}:${port}`));
    },
    async containers(name, app) {
      const all = await onEachNode((node) => runningContainers(node, name));
      return all.filter((container) => app === undefined || container.app === app);
    },
    remains,
    killContainer: async ({ id }) => killProcesses(id),
    async clear(name) {
      await docker(swarm, 'stack', 'rm', name);
      await waitFor(
        `the rest of ${name} to be gone`,
        async () => {
          for (const line of await remains(name)) {
            const [kind = '', one = ''] = line.split(' ');
            if (kind === 'config' || kind === 'secret') await docker(swarm, kind, 'rm', one);
          }
          return (await remains(name)).length === 0;
        },
        { seconds: 120, intervalSeconds: 1 },
      );
    },
    async state(name) {
      const format = '{{.Name}} on {{.Node}}: {{.CurrentState}} {{.Error}}';
      const tasks = await tell('', swarm, ['stack', 'ps', '--no-trunc', '--format', format, name]);
      const containers = await onEachNode(async (node) => [await containerStates(node, name)]);
      return [tasks.text.trim(), ...containers].filter(Boolean).join('\n');
    },
    edgeLog: async (name) =>
      (await tell('', swarm, ['service', 'logs', '--no-trunc', '--since', '6m', `${name}_nginx`])).text,
    drain: async (node) => void (await docker(swarm, 'node', 'update', '--availability', 'drain', node)),
    undrain: async (node) => void (await docker(swarm, 'node', 'update', '--availability', 'active', node)),
    stopNode: engine.stopNode,
    startNode: engine.startNode,
    isBack: async (node) =>
      (await docker(
        swarm,
        'node',
        'inspect',
        '--format',
        '{{.Status.State}} {{.ManagerStatus.Reachability}}',
        node,
      )) === 'ready reachable',
  };
}
