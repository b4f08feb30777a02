#!/usr/bin/env node
// The command of a checkout as well as of the package: runs the build where it is current, else the sources.
import { isBuilt } from './is-built.mjs';

const here = (path) => new URL(`../${path}`, import.meta.url);

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`asgi-synth needs Node 20.19 or newer, this is ${process.versions.node}`);
  process.exit(1);
}

// Whoever reads may have seen enough (`synth … | head`): that is no fault. A full disk is one.
process.stdout.on('error', ({ code }) => {
  if (code === 'EPIPE') return;
  console.error(`cannot print the result: ${code === 'ENOSPC' ? 'the disk is full' : code}`);
  process.exit(1);
});
process.stderr.on('error', () => undefined);

const { main } = await load();
process.exitCode = await main(process.argv.slice(2));

async function load() {
  if (isBuilt()) return import(here('dist/cli/main.js').href);
  const { createJiti } = await import('jiti').catch(() => {
    console.error('asgi-synth is not installed completely; run `npm ci` in its folder');
    process.exit(1);
  });
  return createJiti(import.meta.url, { interopDefault: false }).import(here('src/cli/main.ts').pathname);
}
