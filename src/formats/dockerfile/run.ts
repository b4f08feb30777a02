import { name, path } from './escape.js';
import type { DockerfileSecret } from './values.js';

export interface RunOptions {
  /** Files of the build context that the command sees below /app. */
  readonly files?: readonly string[];
  readonly secrets: Readonly<Record<string, DockerfileSecret>>;
}

/** A RUN instruction that downloads: with the cache of all managers, and the secrets of the build for each command of theirs. */
export function downloadStep(commands: string | readonly string[], { files = [], secrets }: RunOptions): string {
  const mounts = [
    'type=cache,target=/root/.cache',
    ...files.map((file) => `type=bind,source=${path(file)},target=/app/${path(file)}`),
    ...Object.entries(secrets).map(([id, { target }]) => secretMount(id, target)),
  ];
  const variables = secretVariables(secrets);
  const steps = [commands].flat().map((command) => (command.startsWith(TOOLS) ? `${variables}${command}` : command));
  return ['RUN', ...mounts.map((mount) => `--mount=${mount} \\\n   `), steps.join(' \\\n    && ')].join(' ');
}

/** What is here installs, and may need the secrets of the build. */
export const TOOLS = '/opt/build/bin/';

function secretMount(id: string, target: string | undefined): string {
  return `type=secret,id=${name(id)},required=true${target === undefined ? '' : `,target=${path(target)}`}`;
}

/** The BuildKit of Engine 24 cannot set a variable from a secret itself. */
function secretVariables(secrets: Readonly<Record<string, DockerfileSecret>>): string {
  const ids = Object.keys(secrets).filter((id) => secrets[id]?.target === undefined);
  return ids.map((id) => `${name(id)}="$(cat /run/secrets/${name(id)})" `).join('');
}
