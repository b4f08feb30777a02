import { existsSync, readdirSync, statSync } from 'node:fs';

const here = (path) => new URL(`../${path}`, import.meta.url);

/** Whether the build is there and no older than the sources; a package has no sources. */
export function isBuilt() {
  const built = here('dist/cli/main.js');
  if (!existsSync(built)) return false;
  const sources = here('src/');
  if (!existsSync(sources)) return true;
  return newest(sources) <= statSync(built).mtimeMs;
}

function newest(folder) {
  return Math.max(
    ...readdirSync(folder, { recursive: true }).map((name) => statSync(new URL(name, folder)).mtimeMs),
    statSync(folder).mtimeMs,
  );
}
