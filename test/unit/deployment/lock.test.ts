import { describe, expect, test } from 'vitest';
import { lockImages, nextLock } from '../../../src/deployment/lock-images.js';
import { isLocked, lockText, readLock, writeLock } from '../../../src/deployment/lock-file.js';
import { readLookup, type Lookup } from '../../../src/deployment/registry.js';
import { SILENT } from '../../../src/deployment/report.js';
import { makeProject } from '../support/project.js';

const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
const found = (digit: string): Lookup => ({ found: true, image: { digest: digest(digit), platforms: [] } });
const missing: Lookup = { found: false, missing: true, reason: 'x: not found' };

describe('the digests of a project', () => {
  test('are found for what ours are built on first, since that changes our tags', async () => {
    const registry: Record<string, Lookup> = { python: found('1'), 'r/api:tag-of-1': found('2') };
    const locked = await lockImages(
      {
        used: (digests) => ({
          foreign: ['python'],
          built: [`r/api:tag-of-${digests['python'] === digest('1') ? 1 : 'none'}`, 'r/admin:x'],
          local: ['local:1'],
        }),
        lookUp: (reference) => Promise.resolve(registry[reference] ?? missing),
      },
      SILENT,
    );
    expect(locked).toEqual({
      digests: { python: digest('1'), 'r/api:tag-of-1': digest('2') },
      unlocked: ['r/admin:x'],
    });
  });

  test('are all asked for before the first failure is told', async () => {
    const down: Lookup = { found: false, missing: false, reason: 'no such host' };
    const looking = lockImages(
      {
        used: () => ({ foreign: ['a:1', 'b:1'], built: [], local: [] }),
        lookUp: (reference) => Promise.resolve(reference === 'a:1' ? missing : down),
      },
      SILENT,
    );
    await expect(looking).rejects.toThrow(
      'image a:1 is not in its registry; look at its name and tag\nthe registry of image b:1 cannot be asked: no such host; docker login may be missing',
    );
  });

  test('replace those of images that are not used any more, unless only a part was looked at', () => {
    const before = { old: digest('1'), moved: digest('2') };
    const locked = { digests: { moved: digest('3') }, unlocked: [] };
    expect(nextLock(before, locked, { keepOthers: false })).toEqual({ moved: digest('3') });
    expect(nextLock(before, locked, { keepOthers: true })).toEqual({ old: digest('1'), moved: digest('3') });
  });
});

describe('the lock file', () => {
  test('has the same bytes in whatever order digests were found, and is read back', () => {
    using project = makeProject({});
    const digests = { b: digest('2'), a: digest('1') };
    expect(isLocked(project.directory, digests)).toBe(false);
    writeLock(project.directory, digests);
    expect(project.contents()).toEqual({
      'asgi-synth.lock.json': `{\n  "schemaVersion": 1,\n  "images": {\n    "a": "${digest('1')}",\n    "b": "${digest('2')}"\n  }\n}\n`,
    });
    expect(readLock(project.directory)).toEqual(digests);
    expect(isLocked(project.directory, { a: digest('1'), b: digest('2') })).toBe(true);
    expect(lockText({})).toBe('{\n  "schemaVersion": 1,\n  "images": {}\n}\n');
  });

  test('that cannot be written leaves nothing behind', () => {
    using project = makeProject({ 'asgi-synth.lock.json/x': '' });
    expect(() => writeLock(project.directory, {})).toThrow('asgi-synth.lock.json cannot be written: EISDIR');
    expect(Object.keys(project.contents())).toEqual(['asgi-synth.lock.json', 'asgi-synth.lock.json/x']);
  });
});

describe('the answer of a registry', () => {
  test('has the digest of the list, and the platforms in it without attestations', () => {
    const manifests = [
      { platform: { os: 'linux', architecture: 'amd64' } },
      { platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
      { platform: { os: 'unknown', architecture: 'unknown' } },
    ];
    const stdout = JSON.stringify({ digest: digest('1'), manifests });
    expect(readLookup({ stdout, stderr: '', exitCode: 0 })).toEqual({
      found: true,
      image: { digest: digest('1'), platforms: ['linux/amd64', 'linux/arm64/v8'] },
    });
  });

  test.each([
    ['ERROR: 127.0.0.1:5078/none:1: not found', true, '127.0.0.1:5078/none:1: not found'],
    ['ERROR: failed to do request: dial tcp: no such host', false, 'failed to do request: dial tcp: no such host'],
    ['', false, 'it said nothing'],
  ])('%j', (stderr, isMissing, reason) => {
    expect(readLookup({ stdout: '', stderr, exitCode: 1 })).toEqual({ found: false, missing: isMissing, reason });
  });
});
