import type { Environment } from '../engines.js';
import { run, type RunResult } from '../process.js';
import type { RunningContainer, Told } from './platform.js';

/** A namespace of a cluster, as the command line sees it. */
export interface Namespace {
  readonly env: Environment;
  readonly name: string;
}

/** What one command prints, without the line break at its end. */
export async function kubectl({ env, name }: Namespace, ...args: readonly string[]): Promise<string> {
  const { stdout } = await run('kubectl', ['--namespace', name, ...args], { env });
  return stdout.trimEnd();
}

/** The same for a command that may fail: what it says then is part of it. */
export async function tryKubectl({ env, name }: Namespace, ...args: readonly string[]): Promise<RunResult> {
  return run('kubectl', ['--namespace', name, ...args], { env, check: false });
}

export interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
  };
  readonly spec: { readonly nodeName?: string; readonly priorityClassName?: string; readonly priority?: number };
  readonly status: {
    readonly phase: string;
    readonly containerStatuses?: readonly {
      readonly name: string;
      readonly ready: boolean;
      readonly restartCount: number;
      readonly state: {
        readonly running?: { readonly startedAt: string };
        readonly waiting?: { readonly reason: string };
        readonly terminated?: { readonly reason: string; readonly exitCode: number };
      };
      readonly lastState: { readonly terminated?: { readonly reason: string; readonly exitCode: number } };
    }[];
  };
}

export async function pods(namespace: Namespace): Promise<Pod[]> {
  const { items } = JSON.parse(await kubectl(namespace, 'get', 'pods', '--output', 'json')) as { items: Pod[] };
  return items;
}

/** Containers that run, those of pods that are about to end included. */
export async function runningPods(namespace: Namespace): Promise<RunningContainer[]> {
  return (await pods(namespace)).flatMap(({ metadata, spec, status }) =>
    (status.containerStatuses ?? []).flatMap(({ name, state }): RunningContainer[] => {
      if (!state.running) return [];
      const exec = (command: readonly string[]) =>
        tryKubectl(namespace, 'exec', metadata.name, '--container', name, '--', ...command);
      return [
        {
          id: metadata.uid,
          app: metadata.labels['app.kubernetes.io/name'] ?? '',
          started: state.running.startedAt,
          isEnding: metadata.deletionTimestamp !== undefined,
          ...(spec.nodeName === undefined ? {} : { node: spec.nodeName }),
          exec,
          kill: async (pid) => {
            const { exitCode, stderr } = await exec(['sh', '-c', `kill -9 ${pid}`]);
            if (exitCode !== 0) throw new Error(`kill -9 ${pid} in ${metadata.name}: ${stderr}`);
          },
        },
      ];
    }),
  );
}

/** Everything in a namespace but the values of its Secrets, and the logs of every container, of those before a restart as well. */
export async function toldByNamespace(namespace: Namespace): Promise<Told[]> {
  const { stdout: kinds } = await run(
    'kubectl',
    ['api-resources', '--verbs', 'list', '--namespaced', '--output', 'name'],
    { env: namespace.env },
  );
  const all = kinds.split('\n').filter((kind) => kind !== '' && kind !== 'secrets' && !kind.startsWith('bindings'));
  const secrets = JSON.parse(await kubectl(namespace, 'get', 'secrets', '--output', 'json')) as {
    items: { data?: unknown }[];
  };
  const logs = (await pods(namespace)).flatMap(({ metadata: { name } }) =>
    [[], ['--previous']].map(async (which) => {
      const { stdout, stderr } = await tryKubectl(namespace, 'logs', name, '--all-containers', ...which);
      return { by: `logs of ${name} ${which.join('')}`, text: `${stdout}\n${stderr}` };
    }),
  );
  return [
    {
      by: 'kubectl get --output yaml',
      text: await kubectl(namespace, 'get', all.join(','), '--output', 'yaml', '--show-managed-fields'),
    },
    { by: 'Secrets less their data', text: JSON.stringify(secrets.items.map((secret) => ({ ...secret, data: null }))) },
    ...(await Promise.all(logs)),
  ];
}

/** State of each pod, with the events and the end of the logs of those that are not well. */
export async function podStates(namespace: Namespace): Promise<string> {
  const found = await pods(namespace);
  const states = await Promise.all(
    found.map(async ({ metadata: { name, deletionTimestamp }, status }) => {
      const containers = (status.containerStatuses ?? []).map(({ ready, restartCount, state, lastState }) => {
        const now = state.running
          ? 'running'
          : (state.waiting?.reason ?? `${state.terminated?.reason} with exit code ${state.terminated?.exitCode}`);
        const before = lastState.terminated
          ? `, before that ${lastState.terminated.reason} with exit code ${lastState.terminated.exitCode}`
          : '';
        return `${now}, ${ready ? 'ready' : 'not ready'}, ${restartCount} restarts${before}`;
      });
      const line = `${name}: ${status.phase}${deletionTimestamp ? ', stopping' : ''}; ${containers.join('; ')}`;
      if (status.containerStatuses?.every(({ ready }) => ready)) return line;
      const events = await tryKubectl(
        namespace,
        'get',
        'events',
        '--field-selector',
        `involvedObject.name=${name}`,
        '--output',
        'custom-columns=:.reason,:.message',
      );
      const logs = await tryKubectl(namespace, 'logs', name, '--tail', '50', '--all-containers');
      const previous = await tryKubectl(namespace, 'logs', name, '--tail', '50', '--previous');
      return [line, events.stdout.trim(), logs.stdout.trim(), previous.stdout.trim()].filter(Boolean).join('\n');
    }),
  );
  return states.join('\n');
}
