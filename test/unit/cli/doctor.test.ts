import { describe, expect, test } from 'vitest';
import type { Machine } from '../../../src/deployment/doctor/machine.js';
import { WORLD } from '../../../src/cli/world.js';
import { run, BIN, runCliWith, type CliResult } from '../support/cli.js';
import { fakeMachine, INFO, type FakeMachine, type Said } from '../support/machine.js';
import { makeProject } from '../support/project.js';
import { LAYOUTS, type Layout } from './layouts.js';

const PLAIN = LAYOUTS['plain main.py with requirements.txt']!;

const stackFile = (props: string, app: string) => `import { AsgiApp, Stack } from 'asgi-synth';
const stack = new Stack('shop', { ${props} });
new AsgiApp(stack, 'api', { ${app}, module: 'main:app' });
export default stack;
`;

const SHOP: Layout = {
  ...PLAIN,
  'stacks/shop.ts': stackFile("registry: 'ghcr.io/acme', httpPort: 8080", "source: '.'"),
};

const WITH_CERTIFICATE = `import { AsgiApp, Stack } from 'asgi-synth';
const stack = new Stack('shop', { edge: 'nginx', tls: { certificate: {}, key: {} } });
new AsgiApp(stack, 'api', { image: 'acme/api:1', module: 'main:app', hosts: ['shop.example.com'] });
export default stack;
`;

const WITH_SECRETS = `import { AsgiApp, Secret, Stack } from 'asgi-synth';
const stack = new Stack('shop', { httpPort: 8080 });
const secrets = [
  new Secret(stack, 'given'),
  new Secret(stack, 'api_token'),
  new Secret(stack, 'signing_key', { file: 'key.pem' }),
];
new AsgiApp(stack, 'api', { source: '.', module: 'main:app', secrets });
export default stack;
`;

const LOGGED_IN: Partial<Machine> = {
  dockerSettings: () => ({ file: '/home/ada/.docker/config.json', text: '{"auths":{"ghcr.io":{"auth":"c2VjcmV0"}}}' }),
};

const doctor = (machine: FakeMachine, directory: string, ...words: readonly string[]) =>
  runCliWith({ ...WORLD, machine: () => Promise.resolve(machine) }, directory, 'doctor', ...words);

const dead =
  (stderr: string): Said =>
  (line) =>
    line === 'docker info --format {{json .}}' ? { stdout: '{}', stderr, exitCode: 1 } : undefined;

interface Case {
  readonly words?: readonly string[];
  readonly files?: Layout;
  readonly said?: Said;
  readonly other?: Partial<Machine>;
  readonly code: number;
}

/** What may be wrong with a machine, as it is said. */
const MET: Readonly<Record<string, Case>> = {
  'nothing is wrong': { other: LOGGED_IN, words: ['--target', 'all'], code: 0 },
  'nothing is there': { said: nothing, files: PLAIN, code: 0 },
  'nothing is there but a Swarm is wanted': { said: nothing, words: ['--target', 'swarm'], code: 1 },
  'no engine runs': {
    said: dead('Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n'),
    words: ['--target', 'bare-metal'],
    code: 1,
  },
  'the engine may not be asked': {
    said: dead(
      'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock\n',
    ),
    words: ['--target', 'bare-metal'],
    code: 1,
  },
  'the context is unknown': {
    said: (line) =>
      /^docker (info|context|system)/.test(line)
        ? { stderr: 'context "nowhere" does not exist\n', exitCode: 1 }
        : undefined,
    words: ['--target', 'swarm', '--context', 'nowhere'],
    code: 1,
  },
  'everything is too old': {
    said: answers({
      'docker info': JSON.stringify({ ...INFO, ServerVersion: '20.10.24' }),
      'docker compose version': 'v2.17.2\n',
      'docker buildx version': { stderr: "docker: 'buildx' is not a docker command.\n", exitCode: 1 },
      'kubectl version': JSON.stringify({
        clientVersion: { minor: '26', gitVersion: 'v1.26.1' },
        serverVersion: { minor: '29+', gitVersion: 'v1.29.3-eks' },
      }),
    }),
    other: { ...LOGGED_IN, node: '18.19.0' },
    words: ['--target', 'all'],
    code: 1,
  },
  'commands hang': { said: () => ({ end: 'silent', exitCode: 1 }), words: ['--target', 'all'], code: 1 },
  'the engine is in no Swarm': {
    said: answers({
      'docker info': JSON.stringify({ ...INFO, Swarm: { LocalNodeState: 'inactive', ControlAvailable: false } }),
    }),
    other: LOGGED_IN,
    words: ['--target', 'swarm'],
    code: 1,
  },
  'the engine is a worker': {
    said: answers({
      'docker info': JSON.stringify({ ...INFO, Swarm: { LocalNodeState: 'active', ControlAvailable: false } }),
    }),
    other: LOGGED_IN,
    words: ['--target', 'swarm'],
    code: 1,
  },
  'the Swarm has no leader': {
    said: answers({
      'docker node ls': {
        stderr: 'Error response from daemon: rpc error: The swarm does not have a leader.\n',
        exitCode: 1,
      },
    }),
    other: LOGGED_IN,
    words: ['--target', 'swarm'],
    code: 1,
  },
  'nodes are away': {
    said: answers({ 'docker node ls': 'Ready Active Leader\nDown Active Unreachable\nReady Drain \n' }),
    other: LOGGED_IN,
    words: ['--target', 'swarm'],
    code: 0,
  },
  'one manager has many nodes': {
    said: answers({ 'docker node ls': 'Ready Active Leader\nReady Active \nReady Active \n' }),
    other: LOGGED_IN,
    words: ['--target', 'swarm'],
    code: 0,
  },
  'kubectl has no context': {
    said: answers({
      'kubectl version': {
        stdout: '{"clientVersion":{"minor":"34","gitVersion":"v1.34.2"}}',
        stderr: 'refused\n',
        exitCode: 1,
      },
      'kubectl config view': { stderr: 'error: current-context must exist in order to minify\n', exitCode: 1 },
    }),
    other: LOGGED_IN,
    words: ['--target', 'kubernetes'],
    code: 1,
  },
  'no cluster answers': {
    said: answers({
      'kubectl version': {
        stdout: '{"clientVersion":{"minor":"34","gitVersion":"v1.34.2"}}',
        stderr: 'Unable to connect to the server: dial tcp 10.0.0.1:6443: i/o timeout\n',
        exitCode: 1,
      },
    }),
    other: LOGGED_IN,
    words: ['--target', 'kubernetes'],
    code: 1,
  },
  'rights are missing': {
    said: (line) =>
      /can-i (create|patch) (secrets|deployments)/.test(line) ? { stdout: 'no\n', exitCode: 1 } : undefined,
    other: LOGGED_IN,
    words: ['--target', 'kubernetes'],
    code: 1,
  },
  'Docker only builds for the cluster': {
    said: (line) => (line.startsWith('docker ') ? { end: 'missing', exitCode: 1 } : undefined),
    other: LOGGED_IN,
    words: ['--target', 'kubernetes'],
    code: 0,
  },
  'there is no login': { words: ['--target', 'swarm'], code: 0 },
  'the settings of docker are no JSON': {
    other: { dockerSettings: () => ({ file: '/home/ada/.docker/config.json', text: '{"auths": {' }) },
    words: ['--target', 'swarm'],
    code: 1,
  },
  'the helper for logins is missing': {
    other: {
      dockerSettings: () => ({
        file: '/home/ada/.docker/config.json',
        text: '{"auths":{"ghcr.io":{}},"credsStore":"desktop.exe"}',
      }),
    },
    words: ['--target', 'swarm'],
    code: 1,
  },
  'the stack has no registry': {
    files: { ...SHOP, 'stacks/shop.ts': stackFile('', "source: '.'") },
    words: ['--target', 'swarm'],
    code: 0,
  },
  'a container has the port': {
    said: answers({ 'docker ps': 'traefik\t\t\n' }),
    words: ['--target', 'bare-metal'],
    code: 1,
  },
  'the stack has the port itself': {
    said: answers({ 'docker ps': 'shop-nginx-1\tshop\tshop\n' }),
    words: ['--target', 'bare-metal'],
    code: 0,
  },
  'the output for bare metal has the port of the Swarm': {
    said: answers({ 'docker ps': 'shop-nginx-1\tshop\tshop\n' }),
    other: LOGGED_IN,
    words: ['--target', 'swarm'],
    code: 1,
  },
  'the Swarm has the port of bare metal': {
    said: answers({ 'docker service ls': 'shop_nginx\t*:8080->8080/tcp\n' }),
    words: ['--target', 'bare-metal'],
    code: 1,
  },
  'values of secrets are missing': {
    files: { ...SHOP, 'stacks/shop.ts': WITH_SECRETS },
    other: { variable: (name) => name === 'GIVEN', dotEnv: () => new Set(['API_TOKEN']) },
    words: ['--target', 'bare-metal'],
    code: 0,
  },
  'values of a certificate are missing, for a cluster': {
    files: { ...SHOP, 'stacks/shop.ts': WITH_CERTIFICATE },
    other: { variable: () => false },
    words: ['--target', 'kubernetes'],
    code: 0,
  },
  'values of secrets are there': {
    files: { ...SHOP, 'stacks/shop.ts': WITH_SECRETS },
    other: { variable: () => true, file: () => true },
    words: ['--target', 'bare-metal'],
    code: 0,
  },
  'another program has the port': {
    other: { port: () => Promise.resolve('taken') },
    words: ['--target', 'bare-metal'],
    code: 1,
  },
  'the port cannot be tried': {
    other: { port: () => Promise.resolve('unknown') },
    words: ['--target', 'bare-metal'],
    code: 0,
  },
  'the engine is another machine': {
    other: { dockerHost: 'ssh://deploy:hunter2@shop1' },
    words: ['--target', 'bare-metal'],
    code: 0,
  },
  'the disk is nearly full': {
    other: { space: () => Promise.resolve({ free: 3 * 2 ** 30, size: 100 * 2 ** 30 }) },
    words: ['--target', 'bare-metal'],
    code: 0,
  },
  'the disk is full': {
    other: { space: () => Promise.resolve({ free: 2 ** 29, size: 100 * 2 ** 30 }) },
    words: ['--target', 'bare-metal'],
    code: 1,
  },
  'what is asked gives no answer': {
    said: answers({
      'docker system df': { exitCode: 1 },
      'kubectl version': JSON.stringify({ serverVersion: { minor: '34', gitVersion: 'v1.34.2' } }),
      'kubectl auth can-i': { stderr: 'error: the server is busy\n', exitCode: 1 },
    }),
    other: LOGGED_IN,
    words: ['--target', 'all'],
    code: 0,
  },
  'Docker Desktop is too old': {
    said: answers({
      'docker info': JSON.stringify({ ...INFO, OperatingSystem: 'Docker Desktop' }),
      'docker compose version': '2.17.2\n',
    }),
    other: LOGGED_IN,
    words: ['--target', 'bare-metal'],
    code: 1,
  },
  'no app is built': {
    files: { 'stacks/shop.ts': stackFile('', "image: 'acme/api:1'") },
    words: ['--target', 'swarm'],
    code: 0,
  },
  'the registry is on this machine': {
    files: { ...SHOP, 'stacks/shop.ts': stackFile("registry: 'localhost:5000/acme'", "source: '.'") },
    words: ['--target', 'swarm'],
    code: 0,
  },
  'a helper knows the logins': {
    said: (line) => (line.startsWith('docker-credential-') ? '0.9.3\n' : undefined),
    other: {
      dockerSettings: () => ({ file: '/home/ada/.docker/config.json', text: '{"credHelpers":{"ghcr.io":"pass"}}' }),
    },
    words: ['--target', 'swarm'],
    code: 0,
  },
  'the Dockerfile is your own, and what is too old is accepted': {
    files: {
      ...SHOP,
      'requirements.txt': PLAIN['requirements.txt']!.replace('uvicorn==0.54.0', 'uvicorn==0.20.0'),
      Dockerfile: 'FROM python:3.13\n',
      'stacks/shop.ts': stackFile("accept: { 'source-floor': 'until May' }", "source: '.'").replace(
        'export default',
        "new AsgiApp(stack, 'own', { source: '.', module: 'main:app', pathPrefix: '/own', build: { dockerfile: 'Dockerfile' } });\nexport default",
      ),
    },
    words: ['--target', 'bare-metal'],
    code: 0,
  },
  'there is no lock file': {
    files: { 'main.py': PLAIN['main.py']!, 'stacks/shop.ts': SHOP['stacks/shop.ts']! },
    words: ['--target', 'bare-metal'],
    code: 1,
  },
  'servers are missing and too old': {
    files: { ...SHOP, 'requirements.txt': 'fastapi==0.139.0\nuvicorn==0.51.0\nhttptools==0.7.1\ngunicorn==23.0.0\n' },
    words: ['--target', 'bare-metal'],
    code: 1,
  },
  'the stack has mistakes': {
    files: { ...SHOP, 'stacks/shop.ts': stackFile('httpPort: 0', "source: '.', processes: 0") },
    words: ['--target', 'bare-metal'],
    code: 1,
  },
  'there are several stacks': {
    files: { ...SHOP, 'stacks/users.ts': SHOP['stacks/shop.ts']! },
    words: ['--target', 'bare-metal'],
    code: 0,
  },
};

function nothing(line: string) {
  return /^(docker|kubectl) /.test(line) ? { end: 'missing' as const, exitCode: 1 } : undefined;
}

function answers(lines: Readonly<Record<string, ReturnType<Said>>>): Said {
  return (line) => Object.entries(lines).find(([words]) => line.startsWith(words))?.[1];
}

const fileName = (title: string) => title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');

const transcript = (words: readonly string[], { code, stdout, stderr }: CliResult) =>
  `$ synth doctor ${words.join(' ')}`.trimEnd() + `\n${stdout}${stderr}exit code ${code}\n`;

describe('what synth doctor says when', () => {
  test.each(Object.entries(MET))('%s', async (title, { words = [], files = SHOP, said, other, code }) => {
    using project = makeProject(files);
    const result = await doctor(fakeMachine(said, other), project.directory, ...words);
    await expect(transcript(words, result)).toMatchFileSnapshot(`expected/doctor-${fileName(title)}.txt`);
    expect(result.code).toBe(code);
    expect(`${result.stdout}${result.stderr}`).not.toMatch(/hunter2|c2VjcmV0/);
    expect(project.contents()).toEqual(expect.objectContaining(files));
  });
});

describe('synth doctor', () => {
  test('only looks', async () => {
    using project = makeProject(SHOP);
    const machine = fakeMachine(undefined, LOGGED_IN);
    await doctor(machine, project.directory, '--target', 'all');
    const looks =
      /^(docker (info|context inspect|compose version|buildx version|node ls|system df|ps|service ls) |kubectl --request-timeout 10s (version|config view|get namespace|auth can-i) )/;
    expect(machine.ran.filter((line) => !looks.test(`${line} `))).toEqual([]);
    expect(Object.keys(project.contents()).toSorted()).toEqual([...Object.keys(SHOP), 'stacks'].toSorted());
  });

  test('prints the same as JSON, with a stable name for each check', async () => {
    using project = makeProject(SHOP);
    const { code, stdout, stderr } = await doctor(fakeMachine(), project.directory, '--target', 'swarm', '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { checks, ...rest } = JSON.parse(stdout) as { checks: { check: string }[] };
    expect(rest).toEqual({ schemaVersion: 1, ok: true, targets: ['swarm'] });
    expect(checks.map(({ check }) => check)).toEqual([
      'stack',
      'node',
      'docker-engine',
      'buildx',
      'swarm',
      'disk',
      'lock-file',
      'registry',
      'port',
    ]);
    expect(checks).toContainEqual({
      check: 'registry',
      of: 'ghcr.io',
      result: 'warning',
      seen: '/home/ada/.docker/config.json has no login for it',
      fix: 'docker login ghcr.io',
    });
  });

  test('asks the engine, or the cluster, of the context that is named', async () => {
    using project = makeProject(SHOP);
    for (const [target, own, other] of [
      ['swarm', 'docker --context prod ', 'kubectl'],
      ['kubernetes', 'kubectl --context prod ', 'docker --context'],
    ] as const) {
      const machine = fakeMachine();
      await doctor(machine, project.directory, '--target', target, '--context', 'prod');
      expect(machine.ran.some((line) => line.startsWith(own))).toBe(true);
      expect(machine.ran.filter((line) => line.startsWith(other))).toEqual([]);
    }
  });

  test('takes no --context for two kinds of engine', async () => {
    using project = makeProject(SHOP);
    expect(await doctor(fakeMachine(), project.directory, '--context', 'prod')).toMatchObject({
      code: 2,
      stderr:
        '--context is of Docker or of kubectl, so that it needs a --target; choose one of bare-metal, swarm, kubernetes\n',
    });
  });

  test('says of the namespace of a stage that it would have to make it', async () => {
    using project = makeProject(SHOP);
    const machine = fakeMachine(
      answers({ 'kubectl get namespace': { stderr: 'Error from server (NotFound): no\n', exitCode: 1 } }),
    );
    const { stdout } = await doctor(machine, project.directory, '--target', 'kubernetes', '--stage', 'staging');
    expect(stdout).toMatch(/^ok +permissions shop-staging +this user may .*, create namespaces$/m);
    expect(machine.ran).toContain('kubectl --request-timeout 10s auth can-i create namespaces');
  });

  test('runs on this machine as well, with whatever is on it', async () => {
    using project = makeProject(SHOP);
    const { code, stdout } = await run(project.directory, [process.execPath, BIN, 'doctor', '--json'], {
      ...process.env,
      PATH: '/nowhere',
    });
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as { checks: object[] }).checks).toContainEqual({
      check: 'docker-engine',
      result: 'warning',
      seen: 'the docker command is not in PATH',
      fix: 'install Docker: docs.docker.com/engine/install',
    });
  });
});
