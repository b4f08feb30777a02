import type { Environment } from '../engines.js';
import { run } from '../process.js';
import type { RunningContainer, Told } from './platform.js';

/** A Docker engine, as the command line sees it. */
export interface Docker {
  readonly host: string;
  readonly env: Environment;
}

/** What one command prints, without the line break at its end. */
export async function docker({ host, env }: Docker, ...args: readonly string[]): Promise<string> {
  const { stdout } = await run('docker', ['-H', host, ...args], { env });
  return stdout.trimEnd();
}

export async function dockerLines(engine: Docker, ...args: readonly string[]): Promise<string[]> {
  return (await docker(engine, ...args)).split('\n').filter((line) => line !== '');
}

interface Inspected {
  readonly Id: string;
  readonly State: {
    readonly Status: string;
    readonly StartedAt: string;
    readonly ExitCode: number;
    readonly OOMKilled: boolean;
    readonly Health?: { readonly Status: string; readonly Log: readonly { readonly Output: string }[] };
  };
  readonly Name: string;
  readonly Config: { readonly Labels: Readonly<Record<string, string>> };
}

/** Containers that an engine runs for a deployed stack. */
export async function runningContainers(engine: Docker, name: string): Promise<RunningContainer[]> {
  const found = await inspectContainers(engine, name, ['--filter', 'status=running']);
  return found.map(({ Id, State, Config }) => ({
    id: Id,
    app: Config.Labels['asgi-synth.app'] ?? Config.Labels['asgi-synth.database'] ?? 'nginx',
    started: State.StartedAt,
    exec: (command) => run('docker', ['-H', engine.host, 'exec', Id, ...command], { env: engine.env, check: false }),
    kill: async (pid) => void (await docker(engine, 'exec', Id, 'sh', '-c', `kill -9 ${pid}`)),
  }));
}

/** What an engine tells of the containers of a stack: their description, command lines and logs. */
export async function toldByContainers(engine: Docker, name: string): Promise<Told[]> {
  const ids = await containerIds(engine, name, ['--all']);
  return Promise.all(
    ids.flatMap((id) => [
      tell(`docker inspect of container ${id}`, engine, ['inspect', id]),
      tell(`docker top of container ${id}`, engine, ['top', id, '-eo', 'args']),
      tell(`docker logs of container ${id}`, engine, ['logs', id]),
    ]),
  );
}

/** What an image tells: its description, its history, and every byte of it. */
export async function toldByImage(engine: Docker, reference: string): Promise<Told[]> {
  const { host, env } = engine;
  // One that was built on this engine is in no registry.
  const { exitCode } = await run('docker', ['-H', host, 'image', 'inspect', reference], { env, check: false });
  if (exitCode !== 0) await docker(engine, 'pull', '--quiet', reference);
  return Promise.all([
    tell(`docker inspect of image ${reference}`, engine, ['image', 'inspect', reference]),
    tell(`docker history of image ${reference}`, engine, ['history', '--no-trunc', reference]),
  ]);
}

/** A command that fails tells as well: the container may have ended. */
export async function tell(by: string, { host, env }: Docker, args: readonly string[]): Promise<Told> {
  const { stdout, stderr } = await run('docker', ['-H', host, ...args], { env, check: false });
  return { by, text: `${stdout}\n${stderr}` };
}

/** State of each container of a stack, with the end of the logs of those that are not well. */
export async function containerStates(engine: Docker, name: string): Promise<string> {
  const found = await inspectContainers(engine, name, ['--all']);
  const states = await Promise.all(
    found.map(async ({ Id, Name, State }) => {
      const { Status, ExitCode, OOMKilled, Health } = State;
      const line = `${Name.slice(1)}: ${Status}, health ${Health?.Status ?? 'none'}, exit code ${ExitCode}${OOMKilled ? ', out of memory' : ''}`;
      if (Status === 'running' && Health?.Status === 'healthy') return line;
      const checks = Health?.Log.slice(-2).map(({ Output }) => `  check: ${Output.trim()}`) ?? [];
      const { text } = await tell('', engine, ['logs', '--tail', '50', Id]);
      return [line, ...checks, text.trimEnd()].join('\n');
    }),
  );
  return states.join('\n');
}

async function inspectContainers(engine: Docker, name: string, filters: readonly string[]): Promise<Inspected[]> {
  const ids = await containerIds(engine, name, filters);
  if (ids.length === 0) return [];
  // One that ends between the two commands is none of those that run.
  const { stdout } = await run('docker', ['-H', engine.host, 'inspect', ...ids], { env: engine.env, check: false });
  return JSON.parse(stdout || '[]') as Inspected[];
}

function containerIds(engine: Docker, name: string, filters: readonly string[]): Promise<string[]> {
  return dockerLines(engine, 'ps', '--quiet', '--no-trunc', ...filters, '--filter', `label=asgi-synth.stack=${name}`);
}
