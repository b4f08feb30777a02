import { AsgiApp, Postgres, Secret, Stack } from 'asgi-synth';
import { lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeSecrets } from '../../../../src/deployment/development/secrets.js';
import { makeProject } from '../../support/project.js';

function shop(): Stack {
  const stack = new Stack('shop');
  const db = new Postgres(stack, 'db', { version: '18', database: 'shop' });
  new AsgiApp(stack, 'api', {
    image: 'acme/api:1',
    module: 'main:app',
    connections: { DATABASE_URL: db },
    secrets: [
      new Secret(stack, 'api_key'),
      new Secret(stack, 'license', { file: 'keys/license' }),
      new Secret(stack, 'broker_url', { external: 'acme-broker' }),
    ],
  });
  return stack;
}

function opened(files: Readonly<Record<string, string>>) {
  const project = makeProject(files);
  const directory = join(project.directory, 'out');
  return {
    write: (env: NodeJS.ProcessEnv = {}) => writeSecrets(shop(), { root: project.directory, directory, env }),
    stored: (id: string) => readFileSync(join(directory, 'secrets', id), 'utf8'),
    contents: () => project.contents(),
    path: (path: string) => join(project.directory, path),
    [Symbol.dispose]: () => project[Symbol.dispose](),
  };
}

const ALL = { '.env': 'API_KEY="from a file"\nBROKER_URL=redis://x # local\n', 'keys/license': 'ab\ncd' };

describe('the secrets of a developer', () => {
  test('come from their files, from variables and from .env, in this order', async () => {
    using place = opened(ALL);
    await place.write({ API_KEY: 'from a variable', LICENSE: 'not this' });
    expect([place.stored('api_key'), place.stored('license'), place.stored('broker_url')]).toEqual([
      'from a variable',
      'ab\ncd',
      'redis://x',
    ]);
    await place.write();
    expect(place.stored('api_key')).toBe('from a file');
  });

  test('can be read by containers, and nobody can list them', async () => {
    using place = opened(ALL);
    await place.write();
    expect(lstatSync(place.path('out/secrets')).mode & 0o777).toBe(0o711);
    expect(lstatSync(place.path('out/secrets/api_key')).mode & 0o777).toBe(0o644);
  });

  test('stay where they are given nowhere any more', async () => {
    using place = opened(ALL);
    await place.write();
    writeFileSync(place.path('.env'), '');
    await place.write();
    expect(place.stored('api_key')).toBe('from a file');
  });

  test('hold a password for each database that is made up, and stays: the database keeps it', async () => {
    using place = opened(ALL);
    await place.write();
    const password = place.stored('db_password');
    expect(password).toMatch(/^[\w-]{24}$/);
    await place.write({ DB_PASSWORD: 'another' });
    expect(place.stored('db_password')).toBe(password);
  });

  test('say whether one changed that was there', async () => {
    using place = opened(ALL);
    expect(await place.write()).toBe(false);
    expect(await place.write()).toBe(false);
    expect(await place.write({ API_KEY: 'new' })).toBe(true);
  });

  test('are complained of all at once where they have no value, and none is written', async () => {
    using place = opened({});
    await expect(place.write()).rejects.toThrow(
      [
        'shop/api_key: secret api_key has no value; write API_KEY=… into .env, or set the variable API_KEY',
        'shop/license: secret license has no value; write LICENSE=… into .env, or its value into keys/license, or set the variable LICENSE',
        'shop/broker_url: secret broker_url has no value; write BROKER_URL=… into .env, or set the variable BROKER_URL',
      ].join('\n'),
    );
    expect(place.contents()).toEqual({});
  });
});
