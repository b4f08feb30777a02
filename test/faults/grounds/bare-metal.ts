import { dockerEngine } from '../../harness/engines.js';
import { containerStates, docker, dockerLines, runningContainers, tell } from '../../harness/running/docker.js';
import type { Ground } from '../ground.js';
import { killProcesses } from '../host-processes.js';

/** One host with Docker Compose. */
export async function bareMetalGround(): Promise<Ground> {
  const engine = await dockerEngine();
  const labelled = (name: string) => ['--filter', `label=asgi-synth.stack=${name}`];
  const remains = async (name: string) => {
    const project = ['--filter', `label=com.docker.compose.project=${name}`];
    const found = await Promise.all([
      dockerLines(engine, 'ps', '--all', ...labelled(name), '--format', 'container {{.Names}}'),
      dockerLines(engine, 'network', 'ls', ...project, '--format', 'network {{.Name}}'),
      dockerLines(engine, 'volume', 'ls', ...project, '--format', 'volume {{.Name}}'),
      dockerLines(engine, 'volume', 'ls', ...labelled(name), '--format', 'volume {{.Name}}'),
    ]);
    return [...new Set(found.flat())];
  };
  return {
    target: 'bare-metal',
    engine,
    builderEnv: engine.env,
    address: `${engine.address}:9`,
    nodes: ['docker'],
    versions: async () =>
      `Docker Engine ${await docker(engine, 'version', '--format', '{{.Server.Version}}')}, Compose ${await docker(engine, 'compose', 'version', '--short')}`,
    async entrances(name, scheme = 'http') {
      const ports = await dockerLines(engine, 'ps', ...labelled(name), '--format', '{{.Ports}}');
      const open = scheme === 'https' ? /:(\d+)->8443\/tcp/g : /:(\d+)->8080\/tcp/g;
      const published = ports.flatMap((line) => [...line.matchAll(open)].map(([, port]) => port));
      return [...new Set(published)].map((port) => `${engine.address}:${port}`);
    },
    async containers(name, app) {
      const all = await runningContainers(engine, name);
      return all.filter((container) => app === undefined || container.app === app);
    },
    remains,
    killContainer: async ({ id }) => killProcesses(id),
    async clear(name) {
      for (const line of (await remains(name)).toSorted()) {
        const [kind = '', one = ''] = line.split(' ');
        await docker(engine, kind, 'rm', ...(kind === 'network' ? [] : ['--force']), one);
      }
    },
    state: (name) => containerStates(engine, name),
    async edgeLog(name) {
      const edge = ['--filter', `label=com.docker.compose.project=${name}`, '--filter', 'name=nginx'];
      const ids = await dockerLines(engine, 'ps', '--all', '--quiet', ...edge);
      return (await Promise.all(ids.map((id) => tell('', engine, ['logs', '--since', '6m', id]))))
        .map(({ text }) => text)
        .join('\n');
    },
    stopNode: () => engine.stopNode('docker'),
    startNode: () => engine.startNode('docker'),
    isBack: async () => (await docker(engine, 'info', '--format', '{{.ServerVersion}}')) !== '',
  };
}
