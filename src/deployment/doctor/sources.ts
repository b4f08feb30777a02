import type { AsgiApp } from '../../model/app.js';
import type { Stack } from '../../model/stack.js';
import type { ReadSources } from '../../sources/read-sources.js';
import type { Source } from '../../sources/source.js';
import type { TargetName } from '../../targets/index.js';
import { failed, ok, warning, type Finding } from './finding.js';

/** The lock file of each app that is built: whether it is there, and holds the servers that an output starts. */
export function checkSources(stack: Stack, read: ReadSources, targets: readonly TargetName[]): Finding[] {
  return stack.apps
    .filter(({ source }) => source !== undefined)
    .flatMap((app) => checkSource(app, stack, read, targets));
}

function checkSource(app: AsgiApp, stack: Stack, read: ReadSources, targets: readonly TargetName[]): Finding[] {
  const what = { check: 'lock-file', of: app.node.id };
  const wrong = read.mistakes.filter(({ construct }) => construct === app);
  if (wrong.length > 0) return wrong.map(({ message }) => failed(what, ...halves(message)));
  const floors = read.floors.filter(
    ({ construct, target }) => construct === app && (target === undefined || targets.some((one) => one === target)),
  );
  const accepted = stack.accept['source-floor'];
  if (floors.length > 0)
    return floors.map(({ message }) =>
      accepted === undefined ? failed(what, ...halves(message)) : warning(what, ...halves(`${message} (accepted)`)),
    );
  const source = read.sources.get(app.node.path);
  return source ? [ok(what, servers(source, targets))] : [];
}

/** What is wrong, and what mends it: our messages end with that. */
function halves(message: string): [seen: string, fix: string] {
  const at = message.lastIndexOf('; ');
  return [message.slice(0, at), message.slice(at + 2)];
}

/** `uv.lock: uvicorn 0.52.0, uvloop 0.22.1, httptools 0.7.1; the image adds gunicorn, uvicorn-worker` */
function servers({ dependencies, dockerfile, locked }: Source, targets: readonly TargetName[]): string {
  const managed = targets.includes('bare-metal') ? ['gunicorn', 'uvicorn-worker'] : [];
  const names = ['uvicorn', 'uvloop', 'httptools', ...managed];
  const found = names.filter((name) => locked[name] !== undefined).map((name) => `${name} ${locked[name]}`);
  const added = managed.filter((name) => locked[name] === undefined);
  if (dependencies === undefined) return `${dockerfile ?? 'a Dockerfile of your own'} installs what it wants`;
  const rest = added.length === 0 ? '' : `; the image adds ${added.join(' and ')}`;
  return `${dependencies.lock}: ${found.join(', ') || 'no version can be read from it'}${rest}`;
}
