import type { DockerfileDependencies } from './values.js';

/** pip, of the environment that builds, for the one that runs. */
export const PIP = '/opt/build/bin/pip --python /opt/venv/bin/python';

const POETRY = '/opt/build/bin/poetry';

/**
 * The packages that Poetry locked and an index has. pip installs them, as Poetry knows neither the index nor the certificates that the
 * rest of the build is set up for.
 */
export function poetryPackages({ direct }: DockerfileDependencies): string[] {
  return exported('--require-hashes ', direct === true ? '!/^(-e |[^ ]+ @ )/' : undefined);
}

/** Folders, then the rest and the project, which Poetry installs as a link to /app, where the image has the code as well. */
export function poetryProject({ project, direct }: DockerfileDependencies): string[] {
  if (direct !== true) return [`${POETRY} install --only-root`];
  // pip checks the hashes of all or of none, so that archives are left to Poetry; repositories too, for which pip would need git.
  return [
    ...exported('', '/^(--|-e |[^ ]+ @ file:.*[^\\\\]$)/'),
    `${POETRY} install --only main${project ? '' : ' --no-root'}`,
  ];
}

/** Installs what Poetry locked, of it the requirements that `chosen`, an expression of awk, says. */
function exported(options: string, chosen: string | undefined): string[] {
  // It would print a host with the credentials that are written beside it.
  const install = (file: string) => `${PIP} install --quiet --no-compile --no-deps ${options}-r ${file}`;
  const write = `${POETRY} export --only main --with-credentials --output /tmp/locked.txt`;
  // The files may hold credentials of `tool.poetry.source`, so that no layer may keep them.
  if (chosen === undefined) return [write, install('/tmp/locked.txt'), 'rm /tmp/locked.txt'];
  return [
    write,
    `awk '/^[^ ]/ { chosen = ${chosen} } chosen' /tmp/locked.txt > /tmp/chosen.txt`,
    install('/tmp/chosen.txt'),
    'rm /tmp/locked.txt /tmp/chosen.txt',
  ];
}
