import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { filesOf, stackOf } from './support.js';

/** Tells what it was asked to delete, and fails or answers as the environment says when it is asked for what is used. */
const KUBECTL = `#!/bin/sh
case "$*" in
  *'{..configMap.name}'*) printf %s "$USED"; exit "$STATUS" ;;
  'get configmaps'*) printf 'configmap/shop-new\\nconfigmap/shop-old\\n' ;;
  delete*) echo "$*" >>"$DELETED" ;;
esac
`;

describe('the page of Kubernetes on pruning', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'asgi-synth-prune-'));
    writeFileSync(join(folder, 'kubectl'), KUBECTL);
    chmodSync(join(folder, 'kubectl'), 0o755);
    writeFileSync(join(folder, 'deleted'), '');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function prune(used: string, status = 0): string {
    const page = filesOf(stackOf())['README.md']!;
    const [, script] = /^## Prune$[\s\S]*?^```sh\n([\s\S]*?)^```$/m.exec(page)!;
    const PATH = `${folder}:${process.env['PATH']}`;
    const deleted = join(folder, 'deleted');
    spawnSync('sh', ['-c', script!], {
      cwd: folder,
      env: { PATH, USED: used, STATUS: String(status), DELETED: deleted },
    });
    return readFileSync(deleted, 'utf8');
  }

  test('deletes ConfigMaps that nothing uses', () => {
    expect(prune('shop-new kube-root')).toMatch(/^delete --namespace shop configmap\/shop-old$/m);
    expect(prune('shop-new')).not.toContain('configmap/shop-new');
  });

  test.each([
    ['the cluster does not answer', '', 1],
    ['nothing is said to be used', '', 0],
  ])('deletes nothing when %s', (_, used, status) => {
    expect(prune(used, status)).toBe('');
  });

  test('leaves no file behind', () => {
    prune('shop-new');
    expect(execFileSync('ls', { cwd: folder, encoding: 'utf8' }).split('\n')).toEqual(['deleted', 'kubectl', '']);
  });
});
