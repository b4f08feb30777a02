// Time from `npm i` of the packed library to the first answer on one server: `npx jiti bench/first-answer.ts [options]`.
//
//   --project NAME        project of test/fixtures/projects that is copied into a fresh folder; plain by default
//   --image NAME=REF      as for synth, repeatable; for an engine that cannot reach Docker Hub
//   --url URL             where the answer is awaited; http://localhost/health by default
//   --deploy              brings it up with `synth deploy --build`, not with `docker compose up`
//   --rehearse            does everything once before, so that layers of the build are cached too
//   --steps               prints the steps and does nothing
//
// Docker is the one that DOCKER_HOST or the current context names. What is not counted: packing, and pulling the images that the output
// is made of. Secrets of a project are the variables that its .env.example names.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const LIMIT = 60;
const OUTPUT = 'out/project/bare-metal';

const { values } = parseArgs({
  options: {
    project: { type: 'string', default: 'plain' },
    image: { type: 'string', multiple: true, default: [] },
    url: { type: 'string', default: 'http://localhost/health' },
    deploy: { type: 'boolean', default: false },
    rehearse: { type: 'boolean', default: false },
    steps: { type: 'boolean', default: false },
  },
});

interface Step {
  readonly name: string;
  run(folder: string): Promise<void> | void;
}

const images = values.image.flatMap((image) => ['--image', image]);
const compose = ['docker', 'compose', '-f', `${OUTPUT}/compose.yaml`];

/** What a user types, as the README has it, and then the wait. */
function steps(tarball: string): Step[] {
  const commands = [
    ['npm', 'i', '-D', tarball],
    ['npx', 'synth', 'init', '--yes'],
    ...(values.deploy
      ? [['npx', 'synth', 'deploy', '--target', 'bare-metal', '--build', ...images]]
      : [
          ['npx', 'synth', '--target', 'bare-metal', ...images],
          [...compose, 'up', '-d', '--build', '--wait'],
        ]),
  ];
  return [
    ...commands.map((words) => ({ name: words.join(' '), run: (folder: string) => run(words, folder) })),
    { name: `the first answer of ${values.url}`, run: firstAnswer },
  ];
}

/** Runs a command to its end. Throws with all that it printed. */
function run(words: readonly string[], folder: string): void {
  const [program = '', ...rest] = words;
  const { status, stdout, stderr, error } = spawnSync(program, rest, {
    cwd: folder,
    encoding: 'utf8',
    env: secrets(folder),
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${words.join(' ')} ended with ${status}\n${stdout}${stderr}`);
}

/** The environment, with a value for each secret that the project names. */
function secrets(folder: string): NodeJS.ProcessEnv {
  const named = readdirSync(folder).includes('.env.example') ? readFileSync(join(folder, '.env.example'), 'utf8') : '';
  const names = [...named.matchAll(/^([A-Z][A-Z0-9_]*)=$/gm)].map(([, name]) => [name!, 'first-answer']);
  return { ...(Object.fromEntries(names) as Record<string, string>), ...process.env };
}

/** Waits until the app answers. What nginx says in its place while it starts is no answer. */
async function firstAnswer(): Promise<void> {
  const until = Date.now() + 60_000;
  for (let said = ''; ; await sleep(50)) {
    try {
      const { status } = await fetch(values.url);
      if (status < 500) return;
      said = `status ${status}`;
    } catch (error) {
      said = String(error);
    }
    if (Date.now() > until) throw new Error(`${values.url} does not answer: ${said}`);
  }
}

/** A fresh folder with the project in it, named as the stack will be. */
function fresh(base: string, name: string): string {
  const folder = join(base, name, 'project');
  mkdirSync(join(base, name));
  cpSync(join(root, 'test/fixtures/projects', values.project), folder, { recursive: true });
  return folder;
}

/** The library as a user gets it. */
function pack(base: string): string {
  execFileSync('npm', ['pack', '--silent', '--pack-destination', base], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return join(
    base,
    readdirSync(base).find((name) => name.endsWith('.tgz'))!,
  );
}

/** Brings the images that an output is made of to the engine, unless they are there. */
function pull(folder: string): void {
  const texts = [`${OUTPUT}/compose.yaml`, `${OUTPUT}/api/Dockerfile`].map((path) =>
    readFileSync(join(folder, path), 'utf8'),
  );
  const named = [...texts.join('\n').matchAll(/^(?:FROM (\S+)|\s+image: "(.*)")/gm)].map(([, a, b]) => a ?? b!);
  for (const image of new Set(named.filter((name) => !name.startsWith('project-')))) {
    const { status } = spawnSync('docker', ['image', 'inspect', image], { stdio: 'ignore' });
    if (status !== 0) run(['docker', 'pull', image], folder);
  }
}

function remove(folder: string): void {
  const words = values.deploy
    ? ['npx', 'synth', 'destroy', '--target', 'bare-metal', '--yes', '--volumes']
    : [...compose, 'down', '--volumes', '--remove-orphans'];
  run(words, folder);
}

/** What is not counted: the images, and with --rehearse everything else once. */
async function prepare(base: string, tarball: string): Promise<void> {
  const folder = fresh(base, 'rehearsal');
  const [install, init] = steps(tarball);
  await install!.run(folder);
  await init!.run(folder);
  run(['npx', 'synth', '--target', 'bare-metal', ...images], folder);
  pull(folder);
  if (!values.rehearse) return;
  try {
    for (const step of steps(tarball).slice(2)) await step.run(folder);
  } finally {
    remove(folder);
  }
}

async function measure(base: string): Promise<void> {
  const tarball = pack(base);
  await prepare(base, tarball);
  const folder = fresh(base, 'measured');
  let sum = 0;
  try {
    for (const step of steps(tarball)) {
      const start = process.hrtime.bigint();
      await step.run(folder);
      const seconds = Number(process.hrtime.bigint() - start) / 1e9;
      sum += seconds;
      console.log(`${seconds.toFixed(1).padStart(6)} s  ${step.name.replace(tarball, 'asgi-synth')}`);
    }
  } finally {
    remove(folder);
  }
  console.log(`${sum.toFixed(1).padStart(6)} s  in all, of ${LIMIT} s`);
  if (sum > LIMIT) process.exitCode = 1;
}

if (values.steps) {
  for (const { name } of steps('asgi-synth')) console.log(name);
} else {
  const base = mkdtempSync(join(tmpdir(), 'asgi-synth-first-answer-'));
  try {
    await measure(base);
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}
