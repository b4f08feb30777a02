import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { beganAt } from '../../../../src/deployment/bare-metal/edge.js';
import { ledgerFrom } from '../../../../src/deployment/bare-metal/ledger-volume.js';
import { SecretFiles } from '../../../../src/deployment/bare-metal/local-place.js';
import { asTar } from '../../../../src/deployment/bare-metal/remote-place.js';
import { folderOf } from '../../../../src/deployment/bare-metal/place.js';
import { isRenewed, secretsSince, storeValues } from '../../../../src/deployment/bare-metal/secrets.js';
import { packTar, unpackTar } from '../../../../src/deployment/bare-metal/tar.js';
import { packRelease } from '../../../../src/deployment/ledger.js';
import { appPlan, plan, release } from './support.js';

let folder: string;
let store: SecretFiles;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'asgi-synth-secrets-'));
  store = new SecretFiles(join(folder, 'secrets'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const given = (values: Record<string, string>) =>
  new Map(Object.entries(values).map(([id, value]) => [id, Buffer.from(value)]));
const read = async (id: string) => Buffer.from((await store.read(id)) ?? '').toString();
const mode = (path: string) => (statSync(join(folder, path)).mode & 0o777).toString(8);

const PLAN = plan({
  secrets: [
    { id: 'db_password', variable: 'DB_PASSWORD' },
    { id: 'license', variable: 'LICENSE', external: 'license' },
  ],
});

describe('values of secrets', () => {
  beforeEach(() => store.replace('license', Buffer.from('there')));

  test('are files that containers can read in a folder that nobody can list', async () => {
    await storeValues(PLAN, given({ db_password: 'one' }), undefined, store);
    expect([mode('secrets'), mode('secrets/db_password')]).toEqual(['711', '644']);
    expect(readdirSync(join(folder, 'secrets')).toSorted()).toEqual(['db_password', 'license']);
  });

  test('that are given nowhere and stored nowhere are all complained of, and nothing is written', async () => {
    rmSync(join(folder, 'secrets'), { recursive: true });
    await expect(storeValues(PLAN, new Map(), undefined, store)).rejects.toThrow(
      /db_password has no value[\s\S]*license must be there already/,
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  test('get the next revision when they change, and only then', async () => {
    expect(await storeValues(PLAN, given({ db_password: 'one' }), undefined, store)).toEqual({
      revisions: { db_password: 1 },
      rotated: [],
    });
    const previous = release(1, { secrets: { db_password: 1 } });
    for (const same of [given({ db_password: 'one' }), new Map<string, Buffer>()])
      expect(await storeValues(PLAN, same, previous, store)).toEqual({ revisions: { db_password: 1 }, rotated: [] });
    expect(await storeValues(PLAN, given({ db_password: 'two' }), previous, store)).toEqual({
      revisions: { db_password: 2 },
      rotated: ['db_password'],
    });
  });

  test('that were stored before a deployment was killed are still new to what serves', async () => {
    const previous = release(1, { secrets: { db_password: 4 } });
    await store.replace('db_password', Buffer.from('one'));
    await storeValues(PLAN, given({ db_password: 'two' }), previous, store);
    expect(await storeValues(PLAN, given({ db_password: 'two' }), previous, store)).toEqual({
      revisions: { db_password: 5 },
      rotated: ['db_password'],
    });
  });

  test('come back after a failure as old as they were, however often the next was tried', async () => {
    await store.replace('db_password', Buffer.from('one'));
    utimesSync(join(folder, 'secrets/db_password'), 1000, 1000);
    await store.replace('db_password', Buffer.from('two'));
    await store.replace('db_password', Buffer.from('three'));
    await store.restore();
    expect([await read('db_password'), await store.since('db_password')]).toEqual(['one', 1_000_000]);
    expect(readdirSync(join(folder, 'secrets')).toSorted()).toEqual(['db_password', 'license']);
  });

  test('that serve are forgotten in their old form', async () => {
    await store.replace('db_password', Buffer.from('one'));
    await store.replace('db_password', Buffer.from('two'));
    await store.keep();
    await store.restore();
    expect(await read('db_password')).toBe('two');
  });

  test('make older containers of the apps that use them go', async () => {
    await store.replace('db_password', Buffer.from('one'));
    utimesSync(join(folder, 'secrets/db_password'), 2000, 2000);
    const two = plan({ apps: [appPlan('api', { secrets: ['db_password'] }), appPlan('admin')] });
    expect(await secretsSince(two, store)).toEqual(
      new Map([
        ['api', 2_000_000],
        ['admin', 0],
      ]),
    );
  });
});

describe('a certificate and its key', () => {
  const certificate = { certificate: 'tls_certificate', key: 'tls_key' };
  const tls = plan({ certificate, secrets: PLAN.secrets });
  beforeEach(() => void (store = new SecretFiles(join(folder, 'secrets'), folderOf(tls))));

  test('are in a folder of their own, which nginx mounts without the other secrets', async () => {
    for (const id of ['db_password', 'tls_key']) await store.replace(id, Buffer.from('one'));
    expect([mode('secrets'), mode('secrets/tls'), mode('secrets/tls/tls_key')]).toEqual(['711', '711', '644']);
    expect(readdirSync(join(folder, 'secrets')).toSorted()).toEqual(['db_password', 'tls']);
    expect(await read('tls_key')).toBe('one');
  });

  const unknown = async () => undefined;

  test('that an operator has written since nginx read them need a reload', async () => {
    await store.replace('tls_key', Buffer.from('one'));
    utimesSync(join(folder, 'secrets/tls/tls_key'), 2000, 2000);
    expect(await isRenewed(tls, store, async () => 1_999_000)).toBe(true);
    expect(await isRenewed(tls, store, async () => 2_000_000)).toBe(false);
  });

  test('were read when the youngest worker began that takes connections', () => {
    const top = [
      '  PID ELAPSED COMMAND',
      ' 1 900 nginx: master process nginx',
      '40 600 nginx: worker process is shutting down',
      '50  30 nginx: worker process',
    ].join('\n');
    expect(beganAt(top, 100_000)).toBe(70_000);
    expect(beganAt('  PID COMMAND\n 50 nginx: worker process', 100_000)).toBeUndefined();
  });

  test('that are new need a reload until they serve, and come back after a failure', async () => {
    await store.replace('tls_key', Buffer.from('one'));
    expect(await isRenewed(tls, store, unknown)).toBe(false);
    await store.replace('tls_key', Buffer.from('two'));
    expect(await isRenewed(tls, store, unknown)).toBe(true);
    expect(await isRenewed(PLAN, store, unknown)).toBe(false);
    await store.restore();
    expect([await read('tls_key'), await isRenewed(tls, store, unknown)]).toEqual(['one', false]);
    await store.replace('tls_key', Buffer.from('three'));
    await store.keep();
    expect([await read('tls_key'), await isRenewed(tls, store, unknown)]).toEqual(['three', false]);
    expect(readdirSync(join(folder, 'secrets/tls'))).toEqual(['tls_key']);
  });
});

describe('an archive', () => {
  test('holds what was put in, bytes that are no text included', () => {
    const files = [
      { path: 'secrets/', content: Buffer.alloc(0), mode: 0o711 },
      { path: 'secrets/a', content: Buffer.from([0, 255, 10]), mode: 0o600, changed: 1_700_000_000 },
      { path: 'b', content: Buffer.alloc(512, 'x') },
    ];
    expect(unpackTar(packTar(files))).toEqual([
      { path: 'secrets/a', content: Buffer.from([0, 255, 10]), mode: 0o600, changed: 1_700_000_000 },
      { path: 'b', content: Buffer.alloc(512, 'x'), mode: 0o644, changed: 0 },
    ]);
  });

  test('that was cut off gives what is whole', () => {
    const whole = packTar([
      { path: 'a', content: Buffer.from('a') },
      { path: 'b', content: Buffer.alloc(600, 'b') },
    ]);
    expect(unpackTar(whole.subarray(0, 1800)).map(({ path }) => path)).toEqual(['a']);
  });

  test('is what tar itself reads', async () => {
    writeFileSync(join(folder, 'x.tar'), packTar(asTar([{ path: 'nginx/nginx.conf', content: 'a' }])));
    const { execFileSync } = await import('node:child_process');
    expect(execFileSync('tar', ['-tf', join(folder, 'x.tar')], { encoding: 'utf8' })).toBe(
      'nginx/\nnginx/nginx.conf\n',
    );
  });

  test('of an output names every folder before what is in it', () => {
    const tar = asTar([
      { path: 'compose.yaml', content: '' },
      { path: 'a/b/c', content: '' },
    ]);
    expect(tar.map(({ path }) => path)).toEqual(['a/', 'a/b/', 'compose.yaml', 'a/b/c']);
  });
});

test('a ledger is what is whole of the last five releases, oldest first', () => {
  const texts = [8, 3, 4, 5, 6, 7].map((number) => packRelease(release(number)));
  const ledger = ledgerFrom('shop', ['', 'no release', texts[0]!.slice(0, 40), ...texts]);
  expect(ledger.releases.map(({ number }) => number)).toEqual([4, 5, 6, 7, 8]);
});
