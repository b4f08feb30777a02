import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { leavingScript } from '../../../src/formats/nginx/leave.js';

/** Says when it gets its signal, and then ends with a status of its own. */
const SERVER = `
process.on('SIGQUIT', () => { console.log('quit'); process.exit(7); });
setTimeout(() => process.exit(9), Number(process.argv[2] ?? 20000));
console.log('ready');
`;

describe('the script around nginx', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'leave-'));
    file = join(folder, 'leaving');
    writeFileSync(join(folder, 'server.cjs'), SERVER);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function start(...args: readonly string[]) {
    const script = leavingScript([process.execPath, join(folder, 'server.cjs'), ...args], file, 1);
    writeFileSync(join(folder, 'edge.sh'), script);
    const child = spawn('sh', [join(folder, 'edge.sh')], { stdio: ['ignore', 'pipe', 'inherit'] });
    const said: { readonly text: string; readonly at: number; readonly isLeaving: boolean }[] = [];
    child.stdout
      .setEncoding('utf8')
      .on('data', (text: string) => said.push({ text: text.trim(), at: Date.now(), isLeaving: existsSync(file) }));
    return { child, said };
  }

  test.each(['SIGQUIT', 'SIGTERM'] as const)('holds %s back while clients are told to leave', async (signal) => {
    const { child, said } = start();
    await once(child.stdout, 'data');
    expect(said).toMatchObject([{ text: 'ready', isLeaving: false }]);
    const sent = Date.now();
    child.kill(signal);
    const [status] = (await once(child, 'close')) as [number];
    expect(said.at(-1)).toMatchObject({ text: 'quit', isLeaving: true });
    expect((said.at(-1)?.at ?? 0) - sent).toBeGreaterThanOrEqual(950);
    expect(status).toBe(7);
  });

  test('ends as nginx ends, which an engine starts again then', async () => {
    const { child } = start('100');
    const [status] = (await once(child, 'close')) as [number];
    expect(status).toBe(9);
  });
});
