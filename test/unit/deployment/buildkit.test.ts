import { describe, expect, test } from 'vitest';
import { BuildProgress } from '../../../src/deployment/buildkit.js';

function read(text: string) {
  const progress = new BuildProgress();
  const steps = text.split('\n').flatMap((line) => progress.line(line) ?? []);
  return { steps, failure: progress.failure() };
}

describe('the plain progress of BuildKit', () => {
  test('names the step that failed, its exit code and what it said last', () => {
    const said = Array.from({ length: 30 }, (_, index) => `#5 0.${index} line ${index}`);
    const { steps, failure } = read(`#0 building with "default" instance using docker driver

#1 [internal] load build definition from Dockerfile
#1 transferring dockerfile: 231B done
#1 DONE 0.0s

#4 [stage-1 1/3] FROM 127.0.0.1:5078/python:3.13.5-slim
#4 CACHED

#5 [build 2/2] RUN uv sync
${said.join('\n')}
#5 ERROR: executor failed running [/bin/sh -c uv sync]: exit code: 7

#6 [stage-1 2/3] RUN sleep 20
#6 0.961 runc run failed: container process is already dead
#6 CANCELED
------
 > [build 2/2] RUN uv sync:
0.670 line 1
------
ERROR: failed to build: failed to solve: executor failed running [/bin/sh -c uv sync]: exit code: 7`);
    expect(steps).toEqual([
      '[internal] load build definition from Dockerfile',
      '[stage-1 1/3] FROM 127.0.0.1:5078/python:3.13.5-slim',
      '[build 2/2] RUN uv sync',
      '[stage-1 2/3] RUN sleep 20',
    ]);
    expect(failure).toEqual({
      step: '[build 2/2] RUN uv sync',
      reason: 'exit code: 7',
      lines: Array.from({ length: 20 }, (_, index) => `line ${index + 10}`),
    });
  });

  test('has the words of a newer version as well', () => {
    const { failure } = read(`#8 [4/4] RUN false
#8 ERROR: process "/bin/sh -c false" did not complete successfully: exit code: 1
ERROR: failed to solve: process "/bin/sh -c false" did not complete successfully: exit code: 1`);
    expect(failure).toEqual({ step: '[4/4] RUN false', reason: 'exit code: 1', lines: [] });
  });

  test('keeps the advice that follows an error before the first step', () => {
    const { failure } = read(`ERROR: Multi-platform build is not supported for the docker driver.
Switch to a different driver, or turn on the containerd image store, and try again.
Learn more at https://docs.docker.com/go/build-multi-platform/`);
    expect(failure).toEqual({
      step: undefined,
      reason: 'Multi-platform build is not supported for the docker driver.',
      lines: [
        'Switch to a different driver, or turn on the containerd image store, and try again.',
        'Learn more at https://docs.docker.com/go/build-multi-platform/',
      ],
    });
  });

  test('says why where it is no exit code', () => {
    expect(
      read(`#3 [internal] load metadata for 127.0.0.1:5078/none:1
#3 ERROR: 127.0.0.1:5078/none:1: not found
ERROR: failed to build: failed to solve: rpc error: code = Unknown desc = failed to solve with frontend dockerfile.v0: failed to create LLB definition: 127.0.0.1:5078/none:1: not found`)
        .failure,
    ).toEqual({
      step: '[internal] load metadata for 127.0.0.1:5078/none:1',
      reason: 'failed to create LLB definition: 127.0.0.1:5078/none:1: not found',
      lines: [],
    });
  });

  test('may have failed before the first step', () => {
    expect(
      read('ERROR: failed to build: Multi-platform build is not supported for the docker driver.').failure,
    ).toEqual({
      step: undefined,
      reason: 'Multi-platform build is not supported for the docker driver.',
      lines: [],
    });
    expect(read('').failure.reason).toBe('it said nothing');
  });
});
