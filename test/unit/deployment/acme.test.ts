import { describe, expect, test } from 'vitest';
import { tellCertificate } from '../../../src/deployment/acme.js';

const PLAN = { edge: { image: 'nginx', port: 80, https: { port: 443 }, acme: true } } as const;

describe('what a deployment tells of a certificate that comes while nginx runs', () => {
  /** Answers of the service, the last again and again; undefined where nginx has a certificate. */
  async function told(
    answers: readonly (string | number | undefined)[],
    { patience = 5, plan = PLAN, abort = false } = {},
  ) {
    const steps: string[] = [];
    const asked: string[] = [];
    let turn = 0;
    const inEdge = (words: readonly string[]) => {
      asked.push(words[0] ?? '');
      const answer = answers[Math.min(turn, answers.length - 1)];
      if (words[0] === 'test') return Promise.resolve({ exitCode: answer === undefined ? 0 : 1, stdout: '' });
      turn++;
      return Promise.resolve(
        typeof answer === 'string' ? { exitCode: 0, stdout: `${answer}\n` } : { exitCode: 7, stdout: '' },
      );
    };
    const report = { step: (line: string) => void steps.push(line), progress: () => undefined };
    const signal = abort ? AbortSignal.abort(new Error('timeout')) : new AbortController().signal;
    await tellCertificate(plan, inEdge, { report, signal, patience });
    return { steps, asked };
  }

  test('is that it is there, after a while', async () => {
    const { steps, asked } = await told(['asks https://ca.example.com/dir about a.example.com', undefined]);
    expect(steps).toEqual(['nginx: serves HTTPS with a certificate']);
    expect(asked).toEqual(['test', 'curl', 'test']);
  });

  test('is why the authority refuses, as soon as it does', async () => {
    const why = 'has no certificate yet, and gets none: a.example.com: DNS problem; asks again at 2026-01-01T00:00:00Z';
    expect((await told([why], { patience: 60 })).steps).toEqual([`nginx: HTTPS waits for a certificate; acme: ${why}`]);
  });

  test('is what the service is doing, where that takes long, and that it cannot be asked', async () => {
    const waits = 'waits for nginx to pass on what is asked below /.well-known/acme-challenge/';
    expect((await told([waits], { patience: 0 })).steps).toEqual([
      `nginx: HTTPS waits for a certificate; acme: ${waits}`,
    ]);
    expect((await told([7], { patience: 0 })).steps).toEqual([
      'nginx: HTTPS waits for a certificate; acme: cannot be asked',
    ]);
  });

  test('fails nothing where the wait is ended', async () => {
    expect((await told(['starts'], { abort: true })).steps).toEqual([
      'nginx: whether there is a certificate was not waited for',
    ]);
  });

  test('is nothing where nginx has its own', async () => {
    const plan = { edge: { image: 'nginx', port: 80 } } as unknown as typeof PLAN;
    expect(await told(['starts'], { plan })).toEqual({ steps: [], asked: [] });
  });
});
