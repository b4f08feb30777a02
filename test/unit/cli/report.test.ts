import { describe, expect, test } from 'vitest';
import { runCli } from '../support/cli.js';
import { makeProject } from '../support/project.js';

const stackFile = (accept: string) => `import { AsgiApp, Stack } from 'asgi-synth';
export default ({ stage }: { stage?: string }) => {
  const stack = new Stack('shop', { accept: { ${accept} } });
  new AsgiApp(stack, 'api', {
    image: 'acme/api:1',
    module: 'main:app',
    processes: { min: 1, max: stage === 'production' ? 8 : 2 },
    memory: '128Mi',
  });
  return stack;
};
`;

const ACCEPTED = stackFile("'processes-range': 'there is \\u202e room'");

describe('synth report', () => {
  test('tells what becomes of each prop, by what, and what it takes', async () => {
    using project = makeProject({ 'stack.ts': ACCEPTED });
    expect(await runCli(project.directory, 'report', '--target', 'swarm')).toEqual({
      code: 0,
      stderr: '',
      stdout: `construct  prop       swarm
shop       accept     -
shop/api   image      native
shop/api   module     native
shop/api   processes  accepted processes-range
shop/api   memory     native

target  prop       by
swarm   processes  nothing: processes is a range from 1 to 2, but a Swarm does not change the number by the load; give one number, or accept that it is always 2 (accepted: there is \\u{202e} room)

target  id     processes  containers  memory each  memory  in an update  cores
swarm   api    2          2           128Mi        256Mi   384Mi         2
swarm   nginx  1          1 a node    256Mi        256Mi   256Mi         -
swarm   all                                        512Mi   640Mi         -
`,
    });
  });

  test('is about every target unless one is named, and ends with 0 where synth would fail', async () => {
    using project = makeProject({ 'stack.ts': stackFile('') });
    const { code, stdout } = await runCli(project.directory, 'report');
    expect(code).toBe(0);
    expect(stdout).toContain('construct  prop       bare-metal               swarm                    kubernetes\n');
    expect(stdout).toContain('shop/api   processes  problem processes-range  problem processes-range  native\n');
    expect(stdout).toMatch(/^kubernetes +api +1 to 2 /m);
  });

  test('is JSON for machines, with bytes, cores and the stage', async () => {
    using project = makeProject({ 'stack.ts': ACCEPTED });
    const { stdout } = await runCli(
      project.directory,
      ...'report --target kubernetes --stage production --json'.split(' '),
    );
    const report = JSON.parse(stdout) as { portability: object[] };
    expect(report).toMatchObject({ schemaVersion: 1, ok: true, stack: 'shop', name: 'shop-production' });
    expect(report.portability).toContainEqual({
      construct: 'shop/api',
      prop: 'processes',
      targets: { kubernetes: { how: 'native', by: 'HorizontalPodAutoscaler of a Deployment' } },
    });
    expect(report).toMatchObject({
      footprint: [
        {
          target: 'kubernetes',
          parts: [{ id: 'api', fewest: 1, processes: 8, memoryEach: 2 ** 27, memory: 2 ** 30, cpu: 8 }],
          total: { memory: 2 ** 30, peak: 2 ** 30 + 2 ** 28, cpu: 8 },
        },
      ],
    });
  });

  test('refuses mistakes and wrong words as every command does', async () => {
    using project = makeProject({ 'stack.ts': ACCEPTED.replace("'128Mi'", "'1Zi'") });
    expect(await runCli(project.directory, 'report')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^stack\.ts:4:3 shop\/api: memory must be a size/) as unknown,
    });
    expect(await runCli(project.directory, 'report', '--target', 'swarn')).toMatchObject({
      code: 2,
      stderr: 'unknown target "swarn"; did you mean swarm?\n',
    });
    expect((await runCli(project.directory, 'report', 'swarm')).code).toBe(2);
  });
});
