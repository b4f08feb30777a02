import { RolloutFailure } from '../cause.js';
import type { Docker } from '../docker.js';
import type { Report } from '../report.js';
import type { Service } from './services.js';

/** Ids of the images of all services, by reference; those that the engine lacks are pulled. Nothing else is changed before this. */
export async function fetchImages(
  docker: Docker,
  services: readonly Service[],
  { report, signal }: { readonly report: Report; readonly signal: AbortSignal },
): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  for (const { name, image } of services) {
    if (image === undefined || ids.has(image)) continue;
    const there = await imageId(docker, image);
    if (there === undefined) {
      report.step(`${name}: pulling ${image}`);
      await pull(docker, image, name, signal);
    }
    ids.set(image, there ?? (await imageId(docker, image)) ?? '');
  }
  return ids;
}

async function imageId(docker: Docker, image: string): Promise<string | undefined> {
  const { stdout, exitCode } = await docker.attempt(['image', 'inspect', '--format', '{{.Id}}', image]);
  return exitCode === 0 ? stdout.trim() : undefined;
}

async function pull(docker: Docker, image: string, app: string, signal: AbortSignal): Promise<void> {
  const { exitCode, stderr } = await docker.attempt(['pull', '--quiet', image], { signal });
  signal.throwIfAborted();
  if (exitCode === 0) return;
  const said = stderr.trim().split('\n').at(-1) ?? '';
  throw new RolloutFailure('image-not-pulled', `${image}: ${said.replace(/^Error response from daemon: /, '')}`, {
    app,
  });
}

/**
 * Some image that the engine has, for containers that never run or run `cat`; those of the stack first. Undefined where it has none at all.
 */
export async function localImages(docker: Docker, name: string, preferred: readonly string[] = []): Promise<string[]> {
  const label = ['--filter', `label=com.docker.compose.project=${name}`];
  const found = await docker.lines(['ps', '--all', ...label, '--format', '{{.Image}}']);
  const there = await Promise.all(
    [...new Set([...preferred, ...found])].map(async (image) => ((await imageId(docker, image)) ? [image] : [])),
  );
  const others = await docker.lines(['image', 'ls', '--quiet', '--filter', 'dangling=false']);
  return [...there.flat(), ...new Set(others)];
}
