import type { Docker } from '../docker.js';
import type { Ledger } from '../ledger.js';
import { LEDGER_LABEL, readLedger } from './ledger-volume.js';

/** Removes the images of our apps that no release needs, of this deployment or of another stage of the stack. Returns their names. */
export async function prune(docker: Docker, ledger: Ledger): Promise<string[]> {
  const ledgers = [ledger, ...(await otherStages(docker, ledger))];
  const listed = await docker.lines(['image', 'ls', '--digests', '--format', '{{.Repository}} {{.Tag}} {{.Digest}}']);
  const removed = [];
  for (const image of unneeded(listed, ledgers))
    // What a container still uses stays by itself.
    if ((await docker.attempt(['image', 'rm', image])).exitCode === 0) removed.push(image);
  return removed;
}

/** Stages of one stack share its images. */
async function otherStages(docker: Docker, { name, releases }: Ledger): Promise<Ledger[]> {
  const stack = releases.at(-1)?.plan.stack;
  if (stack === undefined) return [];
  const labels = ['--filter', `label=${LEDGER_LABEL}=${stack}`, '--format', '{{.Label "asgi-synth.stack"}}'];
  const names = await docker.lines(['volume', 'ls', ...labels]);
  return Promise.all(names.filter((other) => other !== name).map((other) => readLedger(docker, other)));
}

/** @param listed repository, tag and digest of each image, as the engine lists them */
export function unneeded(listed: readonly string[], ledgers: readonly Ledger[]): string[] {
  const built = ledgers.flatMap(({ releases }) =>
    releases.flatMap(({ plan }) =>
      [...plan.apps, ...(plan.statics ?? [])].filter((one) => one.built).map(({ image }) => image),
    ),
  );
  const needed = new Set(built.flatMap((image) => [image, image.replace(/@.*$/, '')]));
  const digests = new Set(built.flatMap((image) => image.split('@').slice(1)));
  const repositories = new Set(built.map(repositoryOf));
  return listed.flatMap((line) => {
    const [repository = '', tag = '', digest = ''] = line.split(' ');
    const name = tag === '<none>' ? `${repository}@${digest}` : `${repository}:${tag}`;
    const isOurs = repositories.has(repository) && !name.endsWith('<none>');
    return isOurs && !needed.has(name) && !digests.has(digest) ? [name] : [];
  });
}

function repositoryOf(image: string): string {
  return image.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
}
