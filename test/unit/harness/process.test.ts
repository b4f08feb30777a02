import { expect, it } from 'vitest';
import { CommandError, run } from '../../harness/process.js';

it('passes arguments, input and variables as they are', async () => {
  const result = await run('bash', ['-c', 'cat; echo "$1 $WORD"', '-', '$(id) *'], {
    input: 'in ',
    env: { WORD: 'w' },
  });
  expect(result).toEqual({ stdout: 'in $(id) * w\n', stderr: '', exitCode: 0 });
});

it('throws with the command, its exit code and the end of its output', async () => {
  const failing = run('bash', ['-c', 'seq 100; echo broken >&2; exit 3']);
  await expect(failing).rejects.toThrow(/^bash -c seq 100.*: exit code 3\n52\n(.*\n)*100\nbroken$/);
  await expect(failing).rejects.toBeInstanceOf(CommandError);
});

it('returns a failure when told not to check', async () => {
  expect(await run('false', [], { check: false })).toMatchObject({ exitCode: 1 });
});

it('ends what takes too long, with its children', async () => {
  await expect(run('bash', ['-c', 'sleep 60 & echo $!; wait'], { timeoutSeconds: 0.2 })).rejects.toThrow(
    /not done after 0.2 s/,
  );
});

it('says which command is not there', async () => {
  await expect(run('no-such-command')).rejects.toThrow('no-such-command');
});
