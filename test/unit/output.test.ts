import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { UserError } from '../../src/errors.js';
import type { PlannedOutput } from '../../src/output-owner.js';
import { writeOutputs } from '../../src/output.js';
import { runCli } from './support/cli.js';
import { makeProject, type Project } from './support/project.js';

const OWNER = { stack: 'shop', target: 'swarm' };

function planned(
  project: Project,
  files: Readonly<Record<string, string>>,
  owner: PlannedOutput['owner'] = OWNER,
): PlannedOutput {
  return {
    directory: join(project.directory, 'out'),
    owner,
    files: Object.entries(files).map(([path, content]) => ({ path, content })),
  };
}

/** Messages with which `writeOutputs` refuses, the folder of the project taken out. */
function refusal(project: Project, ...outputs: readonly PlannedOutput[]): string[] {
  const before = project.contents();
  try {
    writeOutputs(outputs);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    expect(project.contents()).toEqual(before);
    return error.complaints.map(({ message }) => message.replaceAll(`${project.directory}/`, ''));
  }
  throw new Error('nothing was refused');
}

const FILES = { 'a.txt': 'a\n', 'nginx/nginx.conf': 'b\n' };

describe('what it writes', () => {
  test('writes the files, and which of them are ours', () => {
    using project = makeProject({});

    const [written] = writeOutputs([planned(project, FILES)]);

    expect(written).toEqual({ written: ['a.txt', 'nginx/nginx.conf'], unchanged: [], removed: [] });
    expect(project.contents()).toMatchObject({ 'out/a.txt': 'a\n', 'out/nginx/nginx.conf': 'b\n' });
    expect(JSON.parse(project.contents()['out/.asgi-synth.json'] ?? '')).toEqual({
      schemaVersion: 1,
      stack: 'shop',
      target: 'swarm',
      files: {
        'a.txt': '87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7',
        'nginx/nginx.conf': '0263829989b6fd954f72baaf2fc64bc2e2f01d692d4de72986ea808f6e99813f',
      },
    });
  });

  test('touches nothing that is right already', () => {
    using project = makeProject({});
    writeOutputs([planned(project, FILES)]);
    const long = new Date('2001-01-01');
    const paths = ['out/a.txt', 'out/nginx/nginx.conf', 'out/.asgi-synth.json'].map((path) =>
      join(project.directory, path),
    );
    for (const path of paths) utimesSync(path, long, long);

    const [written] = writeOutputs([planned(project, FILES)]);

    expect(written).toEqual({ written: [], unchanged: ['a.txt', 'nginx/nginx.conf'], removed: [] });
    expect(paths.map((path) => statSync(path).mtime)).toEqual([long, long, long]);
  });

  test('replaces a file whole, so that a reader never sees half of it', () => {
    using project = makeProject({});
    writeOutputs([planned(project, FILES)]);
    const before = statSync(join(project.directory, 'out/a.txt')).ino;

    writeOutputs([planned(project, { ...FILES, 'a.txt': 'new\n' })]);

    expect(statSync(join(project.directory, 'out/a.txt')).ino).not.toBe(before);
    expect(project.contents()).toMatchObject({ 'out/a.txt': 'new\n' });
    expect(Object.keys(project.contents()).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('removes what it wrote earlier and the folders that leaves empty, and nothing else', () => {
    using project = makeProject({});
    writeOutputs([planned(project, { ...FILES, 'api/Dockerfile': 'c\n', 'kept/ours': 'd\n' })]);
    writeFileSync(join(project.directory, 'out/kept/theirs'), 'e\n');
    writeFileSync(join(project.directory, 'out/theirs'), 'f\n');

    const [written] = writeOutputs([planned(project, { 'a.txt': 'a\n' })]);

    expect(written?.removed).toEqual(['api/Dockerfile', 'kept/ours', 'nginx/nginx.conf']);
    expect(Object.keys(project.contents())).toEqual([
      'out',
      'out/.asgi-synth.json',
      'out/a.txt',
      'out/kept',
      'out/kept/theirs',
      'out/theirs',
    ]);
  });

  test('keeps a file that is not part of the output any more and was changed by hand', () => {
    using project = makeProject({});
    writeOutputs([planned(project, FILES)]);
    writeFileSync(join(project.directory, 'out/nginx/nginx.conf'), 'mine\n');

    const [written] = writeOutputs([planned(project, { 'a.txt': 'a\n' })]);

    expect(written?.removed).toEqual([]);
    expect(project.contents()).toMatchObject({ 'out/nginx/nginx.conf': 'mine\n' });
  });

  test('never removes anything outside its folder, whatever the manifest says', () => {
    using project = makeProject({ precious: 'x\n', 'linked/precious': 'x\n' });
    writeOutputs([planned(project, FILES)]);
    symlinkSync(join(project.directory, 'linked'), join(project.directory, 'out/link'));
    const manifest = join(project.directory, 'out/.asgi-synth.json');
    const hash = '73cb3858a687a8494ca3323053016282f3dad39d42cf62ca4e79dda2aac7d9ac';
    const files = { ...JSON.parse(readFileSync(manifest, 'utf8')).files, '../precious': hash, 'link/precious': hash };
    writeFileSync(manifest, JSON.stringify({ schemaVersion: 1, ...OWNER, files }));

    const [written] = writeOutputs([planned(project, FILES)]);

    expect(written?.removed).toEqual([]);
    expect(project.contents()).toMatchObject({ precious: 'x\n', 'linked/precious': 'x\n' });
  });

  test('writes into a folder that is a link, where the user made it so', () => {
    using project = makeProject({ 'elsewhere/x': '' });
    symlinkSync('elsewhere', join(project.directory, 'out'));

    writeOutputs([planned(project, FILES)]);

    expect(project.contents()).toMatchObject({ 'elsewhere/a.txt': 'a\n' });
  });

  test('lets containers read its files, whatever the umask', () => {
    using project = makeProject({});
    const before = process.umask(0o077);
    onTestFinished(() => void process.umask(before));

    writeOutputs([planned(project, FILES)]);

    const mode = (path: string) => (statSync(join(project.directory, path)).mode & 0o777).toString(8);
    expect(['out', 'out/nginx', 'out/a.txt', 'out/nginx/nginx.conf'].map(mode)).toEqual(['755', '755', '644', '644']);
  });

  test('survives two runs at once', async () => {
    using project = makeProject({});
    await Promise.all(Array.from({ length: 8 }, async () => writeOutputs([planned(project, FILES)])));
    expect(Object.keys(project.contents())).toEqual([
      'out',
      'out/.asgi-synth.json',
      'out/a.txt',
      'out/nginx',
      'out/nginx/nginx.conf',
    ]);
  });
});

describe('what it refuses', () => {
  test('files that are not ours, all of them at once', () => {
    using project = makeProject({ 'out/a.txt': 'mine\n', 'out/nginx/nginx.conf': 'mine\n' });
    expect(refusal(project, planned(project, FILES))).toEqual([
      'out/a.txt was not written by synth and would be overwritten; move it away or choose another folder with --out',
      'out/nginx/nginx.conf was not written by synth and would be overwritten; move it away or choose another folder with --out',
    ]);
  });

  test('not files that happen to be right', () => {
    using project = makeProject({ 'out/a.txt': 'a\n' });
    expect(writeOutputs([planned(project, FILES)])[0]?.unchanged).toEqual(['a.txt']);
  });

  test('files changed by hand', () => {
    using project = makeProject({});
    writeOutputs([planned(project, FILES)]);
    writeFileSync(join(project.directory, 'out/a.txt'), 'mine\n');
    expect(refusal(project, planned(project, { 'a.txt': 'new\n' }))).toEqual([
      'out/a.txt was changed by hand and would be overwritten; make the change in the stack file (patch), then delete this file',
    ]);
  });

  test.each([
    [
      'stack',
      { stack: 'blog', target: 'swarm' },
      'the output of stack "shop" for target "swarm", not the output of stack "blog" for target "swarm"',
    ],
    [
      'stage',
      { ...OWNER, stage: 'staging' },
      'the output of stack "shop" for target "swarm", not the output of stack "shop" for target "swarm" in stage "staging"',
    ],
    [
      'target',
      { ...OWNER, target: 'kubernetes' },
      'the output of stack "shop" for target "swarm", not the output of stack "shop" for target "kubernetes"',
    ],
  ])('the folder of another %s', (_, owner, message) => {
    using project = makeProject({});
    writeOutputs([planned(project, FILES)]);
    expect(refusal(project, planned(project, FILES, owner))).toEqual([
      `out holds ${message}; choose another folder with --out`,
    ]);
  });

  test.each([
    ['no JSON', '{'],
    ['empty', ''],
    ['a later version', '{"schemaVersion":2,"files":{}}'],
    ['without files', '{"schemaVersion":1,"stack":"shop","target":"swarm"}'],
    ['null', 'null'],
  ])('a manifest that is %s', (_, manifest) => {
    using project = makeProject({ 'out/.asgi-synth.json': manifest });
    expect(refusal(project, planned(project, FILES))).toEqual([
      'out/.asgi-synth.json cannot be read, so it is not known whose files these are; delete the folder, or choose another with --out',
    ]);
  });

  test('a manifest with the name of a stack that would fill the screen', () => {
    using project = makeProject({
      'out/.asgi-synth.json': JSON.stringify({
        schemaVersion: 1,
        stack: 'x'.repeat(70_000),
        target: '\u001b[31m',
        files: {},
      }),
    });
    expect(refusal(project, planned(project, FILES))).toEqual([
      `out holds the output of stack "${'x'.repeat(60)}…" for target "\\u001b[31m", not the output of stack "shop" for target "swarm"; choose another folder with --out`,
    ]);
  });

  test('a file where the folder should be', () => {
    using project = makeProject({ out: 'x' });
    expect(refusal(project, planned(project, FILES))).toEqual([
      'cannot write to out: out is not a folder; choose another with --out',
    ]);
  });

  test('a link to nowhere where the folder should be', () => {
    using project = makeProject({});
    symlinkSync('nowhere', join(project.directory, 'out'));
    expect(refusal(project, planned(project, FILES))).toEqual([
      'cannot write to out: out is not a folder; choose another with --out',
    ]);
  });

  test('a file where a folder inside should be', () => {
    using project = makeProject({ 'out/nginx': 'x', 'out/deep': 'x' });
    expect(refusal(project, planned(project, { ...FILES, 'deep/er/file': '' }))).toEqual([
      'out/nginx is a file where a folder should be; move it away or choose another folder with --out',
      'out/deep is a file where a folder should be; move it away or choose another folder with --out',
    ]);
  });

  test('a folder where a file should be', () => {
    using project = makeProject({ 'out/a.txt/x': '' });
    expect(refusal(project, planned(project, FILES))).toEqual([
      'out/a.txt was not written by synth and would be overwritten; move it away or choose another folder with --out',
    ]);
  });

  test('links on the way', () => {
    using project = makeProject({ 'elsewhere/x': '', 'out/x': '' });
    symlinkSync('../elsewhere', join(project.directory, 'out/nginx'));
    symlinkSync('../elsewhere/x', join(project.directory, 'out/a.txt'));
    expect(refusal(project, planned(project, FILES))).toEqual([
      'out/a.txt was not written by synth and would be overwritten; move it away or choose another folder with --out',
      'out/nginx is a link, and nothing is written through links; move it away or choose another folder with --out',
    ]);
  });

  test('a link in the place of a file of ours', () => {
    using project = makeProject({ elsewhere: 'a\n' });
    writeOutputs([planned(project, FILES)]);
    rmSync(join(project.directory, 'out/a.txt'));
    symlinkSync('../elsewhere', join(project.directory, 'out/a.txt'));
    expect(refusal(project, planned(project, FILES))).toEqual([
      'out/a.txt was changed by hand and would be overwritten; make the change in the stack file (patch), then delete this file',
    ]);
  });

  test('a pipe, without waiting for it', () => {
    using project = makeProject({ 'out/x': '' });
    execFileSync('mkfifo', [join(project.directory, 'out/a.txt')]);
    expect(refusal(project, planned(project, FILES))).toEqual([
      'out/a.txt was not written by synth and would be overwritten; move it away or choose another folder with --out',
    ]);
  });

  test('one bad folder of several: then none is written', () => {
    using project = makeProject({ 'bad/a.txt': 'mine\n' });
    const bad = { ...planned(project, FILES), directory: join(project.directory, 'bad') };
    expect(refusal(project, planned(project, FILES), bad)).toEqual([
      'bad/a.txt was not written by synth and would be overwritten; move it away or choose another folder with --out',
    ]);
    expect(existsSync(join(project.directory, 'out'))).toBe(false);
  });

  test.each([
    ['where the kernel allows no folder', '/proc/asgi-synth/out', 'no folder can be made there'],
    ['where the path is too long', `/tmp/${'x'.repeat(300)}`, 'the path is too long'],
  ])('a folder %s', (_, directory, reason) => {
    using project = makeProject({});
    const output = { ...planned(project, FILES), directory };
    expect(refusal(project, planned(project, FILES), output)).toEqual([
      `cannot write to ${directory}: ${reason}; choose another with --out`,
    ]);
  });

  test.skipIf(process.getuid?.() === 0)('a folder without permission (root may write everywhere)', () => {
    using project = makeProject({ 'out/x': '' });
    chmodSync(join(project.directory, 'out'), 0o555);
    expect(refusal(project, planned(project, FILES))).toEqual([
      'cannot write to out: permission denied; choose another with --out',
    ]);
  });

  test('a full disk, and leaves it as it was', ({ skip }) => {
    using project = makeProject({ 'out/.keep': '' });
    const out = join(project.directory, 'out');
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', out]).status !== 0)
      skip('needs the right to mount a tmpfs');
    onTestFinished(() => void spawnSync('umount', [out]));
    try {
      const files = { 'a.txt': 'a\n', 'b/c.txt': 'x'.repeat(100_000) };
      expect(refusal(project, planned(project, files))).toEqual([
        'cannot write to out: the disk is full; choose another with --out',
      ]);
    } finally {
      spawnSync('umount', [out]);
    }
  });
});

describe('through the command', () => {
  const stack = (name: string) =>
    `import { AsgiApp, Stack } from 'asgi-synth';\nconst stack = new Stack('${name}');\nnew AsgiApp(stack, 'api', { image: 'acme/api:1', module: 'main:app' });\nexport default stack;\n`;

  test('two stages and two stacks get folders of their own', async () => {
    using project = makeProject({ 'stacks/a.ts': stack('shop') });
    await runCli(project.directory, '--target', 'swarm');
    await runCli(project.directory, '--target', 'swarm', '--stage', 'staging');
    expect(Object.keys(project.contents()).filter((path) => path.endsWith('stack.yaml'))).toEqual([
      'out/shop-staging/swarm/stack.yaml',
      'out/shop/swarm/stack.yaml',
    ]);
  });

  test('another stage in the same folder is refused', async () => {
    using project = makeProject({ 'stacks/a.ts': stack('shop') });
    await runCli(project.directory, '--target', 'swarm', '--out', 'o');
    const before = project.contents();

    const { code, stderr, stdout } = await runCli(
      project.directory,
      '--target',
      'all',
      '--out',
      'o',
      '--stage',
      'staging',
    );

    expect({ code, stdout, stderr }).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'o/swarm holds the output of stack "shop" for target "swarm", not the output of stack "shop" for target "swarm" in stage "staging"; choose another folder with --out\n',
    });
    expect(project.contents()).toEqual(before);
  });

  test('the output of another target in the place of this one is refused', async () => {
    using project = makeProject({ 'stacks/a.ts': stack('shop') });
    await runCli(project.directory, '--target', 'swarm', '--out', 'o');
    renameSync(join(project.directory, 'o/swarm'), join(project.directory, 'o/bare-metal'));
    const { code, stderr } = await runCli(project.directory, '--target', 'bare-metal', '--out', 'o');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr:
        'o/bare-metal holds the output of stack "shop" for target "swarm", not the output of stack "shop" for target "bare-metal"; choose another folder with --out\n',
    });
  });

  test('prints what was removed', async () => {
    using project = makeProject({ 'stacks/a.ts': stack('shop') });
    await runCli(project.directory, '--target', 'swarm');
    mkdirSync(join(project.directory, 'keep'));
    writeFileSync(
      join(project.directory, 'stacks/a.ts'),
      stack('shop').replace("'shop')", "'shop', { edge: 'none' })"),
    );
    const { stderr } = await runCli(project.directory, '--target', 'swarm');
    expect(stderr).toContain('removed out/shop/swarm/nginx/nginx.conf\n');
    expect(existsSync(join(project.directory, 'out/shop/swarm/nginx'))).toBe(false);
  });
});
