import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BIN, run } from './support/cli.js';
import { makeProject } from './support/project.js';

/** Fails whatever would leave the machine or start a program, and writes down what is loaded. */
const GUARD = `import { appendFileSync } from 'node:fs';
import Module, { register, createRequire } from 'node:module';
const require = createRequire(import.meta.url);
const note = (what) => appendFileSync(process.env.LOADED, what + '\\n');
const forbid = (name, ...functions) => {
  const module = require(name);
  for (const one of functions) module[one] = () => { note('FORBIDDEN ' + name + '.' + one); throw new Error(name + '.' + one); };
};
forbid('net', 'connect', 'createConnection', 'createServer');
forbid('dns', 'lookup', 'resolve');
forbid('dgram', 'createSocket');
forbid('child_process', 'spawn', 'spawnSync', 'execFile', 'execFileSync', 'exec', 'execSync', 'fork');
require('net').Socket.prototype.connect = () => { note('FORBIDDEN socket'); throw new Error('socket'); };
globalThis.fetch = () => { note('FORBIDDEN fetch'); throw new Error('fetch'); };
const load = Module._load;
Module._load = function (request, ...rest) { note(request); return load.call(this, request, ...rest); };
register('./hook.mjs', import.meta.url);
`;

const HOOK = `import { appendFileSync } from 'node:fs';
export const resolve = (specifier, context, next) => {
  appendFileSync(process.env.LOADED, specifier + '\\n');
  return next(specifier, context);
};
`;

const STACK = `import { AsgiApp, Stack } from 'asgi-synth';
const stack = new Stack('shop');
new AsgiApp(stack, 'api', { image: 'acme/api:1', module: 'main:app' });
export default stack;
`;

describe('synth', () => {
  test('opens no connection, starts no program and loads nothing that could', async () => {
    using project = makeProject({ 'guard.mjs': GUARD, 'hook.mjs': HOOK, 'stack.ts': STACK });
    const log = join(project.directory, 'loaded.txt');
    const result = await run(project.directory, [process.execPath, '--import', './guard.mjs', BIN, '--target', 'all'], {
      ...process.env,
      LOADED: log,
    });
    const loaded = readFileSync(log, 'utf8').split('\n');

    expect(result).toMatchObject({ code: 0, stderr: expect.stringMatching(/^next: /) as string });
    expect(['commander', 'constructs', 'cdk8s'].filter((name) => !loaded.some((one) => one.includes(name)))).toEqual(
      [],
    );
    expect(
      loaded.filter((name) =>
        /FORBIDDEN|dockerode|docker-modem|ssh2|undici|@kubernetes\/client|tinyexec|clack|^diff$/.test(name),
      ),
    ).toEqual([]);
  });
});
