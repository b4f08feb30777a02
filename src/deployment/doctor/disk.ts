import { WITHOUT_ENGINE, type Engine } from './engine.js';
import { failed, ok, warning, type Finding } from './finding.js';
import { lastWords, type Machine } from './machine.js';

const GIB = 2 ** 30;

/** Bytes below which a build or a pull of a few images may not find room, and below which hardly any does. */
const LOW = 5 * GIB;
const EMPTY = 1 * GIB;

const PRUNE = 'docker builder prune and docker image prune remove what nothing uses; look first: docker system df';

/** The room that the engine has for images and volumes. Without it databases stop, not only builds. */
export async function checkDisk(machine: Machine, { trouble, info, local, run }: Engine): Promise<Finding> {
  if (trouble) return warning('disk', ...WITHOUT_ENGINE);
  const [said, space] = await Promise.all([
    run(['system', 'df', '--format', '{{.Type}}\t{{.Size}}\t{{.Reclaimable}}']),
    // The folder of a remote engine, or of one inside a virtual machine, is none of this machine.
    local && info.DockerRootDir ? machine.space(info.DockerRootDir) : undefined,
  ]);
  if (said.exitCode !== 0) return warning('disk', `docker system df: ${lastWords(said)}`, 'run docker system df');
  const used = usage(said.stdout);
  if (!space) return ok('disk', `free space cannot be seen from here; ${used}`);
  const seen = `${gib(space.free)} of ${gib(space.size)} free in ${info.DockerRootDir}; ${used}`;
  if (space.free < EMPTY) return failed('disk', seen, PRUNE);
  return space.free < LOW ? warning('disk', seen, PRUNE) : ok('disk', seen);
}

function gib(bytes: number): string {
  return `${(bytes / GIB).toFixed(1)}Gi`;
}

/** `images 5.2GB (1.1GB unused), build cache 800MB (800MB unused)` */
function usage(table: string): string {
  const kinds: Readonly<Record<string, string>> = { Images: 'images', 'Build Cache': 'build cache' };
  return table
    .split('\n')
    .map((line) => line.split('\t'))
    .flatMap(([type = '', size, unused = '']) =>
      kinds[type] === undefined ? [] : [`${kinds[type]} ${size} (${unused.replace(/ \(.*\)$/, '')} unused)`],
    )
    .join(', ');
}
