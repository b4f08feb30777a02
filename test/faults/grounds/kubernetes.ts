import { kubernetesEngine } from '../../harness/engines.js';
import { run } from '../../harness/process.js';
import { kubectl, podStates, runningPods, tryKubectl, type Namespace } from '../../harness/running/kubectl.js';
import type { Ground } from '../ground.js';
import { killProcesses } from '../host-processes.js';

/** A Kubernetes cluster of two nodes. */
export async function kubernetesGround(): Promise<Ground> {
  const engine = await kubernetesEngine();
  const { env } = engine;
  const cluster = (...args: readonly string[]) => run('kubectl', args, { env, timeoutSeconds: 180 });
  const namespaceOf = (name: string): Namespace => ({ env, name });
  return {
    target: 'kubernetes',
    engine,
    builderEnv: engine.builder.env,
    address: `${engine.nodes[0]?.address}:9`,
    nodes: engine.nodes.slice(1).map(({ name }) => name),
    async versions() {
      const { stdout } = await cluster('version', '--output', 'json');
      const { serverVersion } = JSON.parse(stdout) as { serverVersion: { gitVersion: string } };
      return `Kubernetes ${serverVersion.gitVersion.slice(1)} with ${engine.nodes.length} nodes`;
    },
    async entrances(name, scheme = 'http') {
      const port = await kubectl(
        namespaceOf(name),
        ...['get', 'service', `${name}-nginx`, '--output', `jsonpath={.spec.ports[?(@.name=="${scheme}")].nodePort}`],
      );
      return engine.nodes.map(({ address }) => `${address}:${port}`);
    },
    async containers(name, app) {
      const all = await runningPods(namespaceOf(name));
      return all.filter((container) => app === undefined || container.app === app);
    },
    async remains(name) {
      const { stdout } = await cluster('get', 'namespace', name, '--ignore-not-found', '--output', 'name');
      return stdout.split('\n').filter(Boolean);
    },
    killContainer: async ({ id }) => killProcesses(id),
    clear: async (name) => void (await cluster('delete', 'namespace', name, '--ignore-not-found', '--timeout=120s')),
    state: (name) => podStates(namespaceOf(name)),
    async edgeLog(name) {
      const of = ['--selector', 'app.kubernetes.io/name=nginx', '--since', '6m', '--tail', '-1', '--prefix'];
      return (await tryKubectl(namespaceOf(name), 'logs', ...of)).stdout;
    },
    drain: async (node) =>
      void (await cluster('drain', node, '--ignore-daemonsets', '--delete-emptydir-data', '--timeout=150s')),
    undrain: async (node) => void (await cluster('uncordon', node)),
    stopNode: engine.stopNode,
    startNode: engine.startNode,
    async isBack(node) {
      const condition = 'jsonpath={.status.conditions[?(@.type=="Ready")].status}';
      return (await cluster('get', 'node', node, '--output', condition)).stdout === 'True';
    },
  };
}
