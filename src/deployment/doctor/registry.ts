import type { Stack } from '../../model/stack.js';
import { failed, ok, warning, type Finding } from './finding.js';
import type { Machine } from './machine.js';

/** What of Docker's settings says who is logged in where. Values are never looked at: they are credentials, or lead to them. */
interface Settings {
  readonly auths?: Readonly<Record<string, unknown>>;
  readonly credsStore?: string;
  readonly credHelpers?: Readonly<Record<string, string>>;
}

/** Whether there is a login for the registry to which the images of a stack are pushed. */
export async function checkRegistry(machine: Machine, { registry, apps, name }: Stack): Promise<Finding> {
  if (registry === undefined) {
    if (apps.every(({ source }) => source === undefined)) return ok('registry', 'no app is built, none is needed');
    return warning(
      'registry',
      `${name} names none, and other nodes cannot pull what is built here`,
      `new Stack('${name}', { registry: 'ghcr.io/acme' })`,
    );
  }
  const host = registryHost(registry);
  const what = { check: 'registry', of: host };
  const { file, text } = machine.dockerSettings();
  const settings = trySettings(text ?? '{}');
  if (!settings)
    return failed(what, `${file} is no JSON, and docker reads no login from it`, 'mend or remove the file');
  const login = `docker login ${host === HUB ? '' : host}`.trim();
  const helper = settings.credHelpers?.[host] ?? (isListed(settings, host) ? settings.credsStore : undefined);
  if (helper !== undefined) return checkHelper(machine, what, { helper, file });
  if (isListed(settings, host)) return ok(what, `a login is in ${file}`);
  if (isLoopback(host)) return ok(what, 'no login, which one on this machine seldom wants');
  return warning(what, `${file} has no login for it`, login);
}

const HUB = 'docker.io';

/** A first part without a dot, a colon or the name localhost is a user of Docker Hub. */
function registryHost(registry: string): string {
  const [first = ''] = registry.split('/');
  const isHost = /[.:]/.test(first) || first === 'localhost';
  return !isHost || /^(index\.)?docker\.io$/.test(first) ? HUB : first;
}

function isListed({ auths = {} }: Settings, host: string): boolean {
  const names = Object.keys(auths).map((key) => key.replace(/^https?:\/\//, '').split('/')[0] ?? '');
  return names.some((name) => registryHost(name) === host);
}

function isLoopback(host: string): boolean {
  return /^(localhost|127\.[\d.]+|\[::1\])(:\d+)?$/.test(host);
}

function trySettings(text: string): Settings | undefined {
  try {
    const settings: unknown = JSON.parse(text);
    return typeof settings === 'object' && settings !== null ? settings : undefined;
  } catch {
    return undefined;
  }
}

/** A helper that docker does not find fails every pull and push, also those that want no login. */
async function checkHelper(
  machine: Machine,
  what: Pick<Finding, 'check' | 'of'>,
  { helper, file }: { readonly helper: string; readonly file: string },
): Promise<Finding> {
  const program = `docker-credential-${helper}`;
  const { end } = await machine.run(program, ['version']);
  if (end !== 'missing') return ok(what, `logins come from ${program}`);
  return failed(
    what,
    `${file} names ${program}, which is not in PATH`,
    `install it, or take ${helper} out of that file`,
  );
}
