// Time of `synth` against Node's own start, which is the least that any command takes: `npx jiti bench/synth.ts [runs]`.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = join(root, 'bin/synth.mjs');
const runs = Number(process.argv[2] ?? 7);

interface Times {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** Milliseconds of a command, several times over. One run before it warms caches up. */
function measure(folder: string, args: () => readonly string[]): Times {
  const once = () => {
    const words = args();
    const start = process.hrtime.bigint();
    execFileSync(process.execPath, words, { cwd: folder, stdio: 'ignore' });
    return Number(process.hrtime.bigint() - start) / 1e6;
  };
  once();
  const times = Array.from({ length: runs }, once).toSorted((a, b) => a - b);
  return { min: times[0]!, median: times[Math.floor(runs / 2)]!, max: times.at(-1)! };
}

/** A stack file with so many apps, each with a host, a secret, a volume and an environment of its own. */
function stackFile(apps: number): string {
  return `import { AsgiApp, Secret, Stack, Volume } from 'asgi-synth';
const stack = new Stack('bench', { edge: 'nginx', accept: { 'http-port': 'a benchmark' } });
for (let number = 0; number < ${apps}; number++) {
  new AsgiApp(stack, \`app-\${number}\`, {
    source: './images/fastapi',
    module: 'main:app',
    hosts: [\`host-\${number}.example.com\`],
    environment: { NUMBER: number, LOG_LEVEL: 'info' },
    secrets: [new Secret(stack, \`secret_\${number}\`)],
    volumes: { '/data': new Volume(stack, \`data-\${number}\`) },
  });
}
export default stack;
`;
}

function print(name: string, { min, median, max }: Times, start: Times): void {
  const ratio = (time: number) => `${(time / start.median).toFixed(1)}x`.padStart(7);
  console.log(
    `${name.padEnd(34)} ${`${median.toFixed(0)} ms`.padStart(8)}  ${[min, median, max].map(ratio).join(' ')}`,
  );
}

const folder = mkdtempSync(join(tmpdir(), 'asgi-synth-bench-'));
try {
  execFileSync('cp', ['-r', join(root, 'images'), join(root, 'stacks'), folder]);
  const start = measure(folder, () => ['-e', '0']);
  // Into a folder of its own each time: ext4 is slow to make files right after others were deleted.
  let made = 0;
  const afresh = (file: string) => () => [bin, '--stack', file, '--target', 'all', '--out', `out/${++made}`];
  console.log(
    `${runs} runs each, Node ${process.versions.node}, ${existsSync(join(root, 'dist')) ? 'built where current' : 'from the sources'}`,
  );
  console.log(
    `${''.padEnd(34)} ${'median'.padStart(8)}  ${['min', 'median', 'max'].map((word) => word.padStart(7)).join(' ')}  of the median of Node's start`,
  );
  print('node -e 0', start, start);
  print(
    'synth --version',
    measure(folder, () => [bin, '--version']),
    start,
  );
  print('synth hello, all targets', measure(folder, afresh('stacks/hello.ts')), start);
  for (const apps of [200, 400]) {
    writeFileSync(join(folder, 'bench.ts'), stackFile(apps));
    print(`synth ${apps} apps, all targets`, measure(folder, afresh('bench.ts')), start);
    const again = () => [bin, '--stack', 'bench.ts', '--target', 'all'];
    print(`synth ${apps} apps, nothing changed`, measure(folder, again), start);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
