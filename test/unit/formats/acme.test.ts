import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFailed, onTestFinished, test } from 'vitest';
import { freePort } from '../../harness/running/project.js';
import { waitFor } from '../../harness/wait.js';
import { Keeper, KEEPER } from '../support/keeper.js';

/** Makes a certificate as certbot lays it down, unless a file says what it answers instead. Notes its words. */
const CERTBOT = `#!/bin/sh
here=$(dirname "$0")
echo "$@" >>"$here/asked"
if [ -f "$here/refuses" ]; then cat "$here/refuses"; exit 1; fi
for word in "$@"; do
  case $before in --config-dir) folder=$word ;; --cert-name) name=$word ;; --domain) host=$word ;; --webroot-path) root=$word ;; esac
  before=$word
done
live=$folder/live/$name
mkdir -p "$live" "$root/.well-known/acme-challenge"
echo proof >"$root/.well-known/acme-challenge/Token_-1"
[ -f "$live/privkey.pem" ] && [ ! -f "$here/renews" ] && exit 0
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90 -subj "/CN=$host" -keyout "$live/privkey.pem" -out "$live/fullchain.pem" 2>/dev/null
`;

const TOKEN = '0123456789abcdef0123456789abcdef';

describe('the keeper of a certificate', () => {
  let folder: string;
  let port: number;
  let edge: Server;
  /** Where the edge passes requests on to; undefined while it does not. */
  let behind: number | undefined;
  const at = (file: string) => join(folder, file);
  const read = (file: string) => (existsSync(at(file)) ? readFileSync(at(file), 'utf8') : '');
  const asked = () => read('asked').split('\n').filter(Boolean);

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'acme-'));
    writeFileSync(at('certbot'), CERTBOT, { mode: 0o755 });
    writeFileSync(at('token'), `${TOKEN}\n`);
    [port, behind] = [await freePort(), undefined];
    edge = createServer((request, response) => {
      if (behind === undefined) return void response.writeHead(502).end();
      void fetch(`http://127.0.0.1:${behind}${request.url}`).then(
        async (answer) => response.writeHead(answer.status).end(await answer.text()),
        () => response.writeHead(502).end(),
      );
    }).listen(0, '127.0.0.1');
    await once(edge, 'listening');
  });
  afterEach(() => {
    edge.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function start({ hosts = ['shop.example.com', 'www.example.com'], token = true } = {}): Keeper {
    const { port: edgePort } = edge.address() as { port: number };
    const place = { state: at('state'), scratch: at('scratch'), port, edge: `127.0.0.1:${edgePort}` };
    const keeper = new Keeper(
      { directory: 'https://ca.example.com/dir', ...place, hosts, ...(token ? { token: at('token') } : {}) },
      { PATH: `${folder}:${process.env['PATH']}` },
    );
    onTestFinished(() => keeper.stop());
    onTestFailed(() => console.log(keeper.said));
    return keeper;
  }

  const ask = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
  const status = async () => (await (await ask('/status')).text()).trim();
  const pair = () => read('state/pair.pem') || undefined;

  test('asks for all hosts once the edge passes on what it will be asked, and not before', async () => {
    const keeper = start();
    await waitFor('it to wait', async () => (await status()).startsWith('waits for 127.0.0.1'));
    expect(asked()).toEqual([]);
    behind = port;
    await waitFor('a certificate', async () => /^has a certificate until \d{4}-/.test(await status()));
    expect(asked()).toHaveLength(1);
    expect(asked()[0]).toContain('--domain shop.example.com --domain www.example.com');
    expect(asked()[0]).toMatch(/certonly --non-interactive .*--server https:\/\/ca\.example\.com\/dir --webroot/);
    expect(pair()).toMatch(/^-----BEGIN PRIVATE KEY-----[^]*-----BEGIN CERTIFICATE-----/);
    expect(statSync(at('state/pair.pem')).mode & 0o777).toBe(0o600);
    await keeper.stop();
    expect(keeper.child.exitCode).toBe(0);
  });

  test('answers what the authority asks, and leads nowhere else', async () => {
    behind = port;
    start();
    await waitFor('a certificate', pair);
    expect(await (await ask('/.well-known/acme-challenge/Token_-1')).text()).toBe('proof\n');
    writeFileSync(at('scratch/webroot/.well-known/acme-challenge/a.b'), 'no token');
    for (const path of ['a.b', 'nobody', '', '..%2f..%2f..%2fsaid', 'Token_-1?x'])
      expect((await ask(`/.well-known/acme-challenge/${path}`)).status, path).toBe(404);
    // Unlike fetch, curl sends such a path as it is.
    const words = ['-s', '-o', '/dev/null', '-w', '%{http_code}', '--path-as-is'];
    const raw = `http://127.0.0.1:${port}/.well-known/acme-challenge/../../../said`;
    expect(execFileSync('curl', [...words, raw], { encoding: 'utf8' })).toBe('404');
  });

  test('gives the pair to whoever asks, and it opens with the token alone', async () => {
    behind = port;
    start();
    await waitFor('a certificate', pair);
    const given = await waitFor('it to be given', async () => {
      const answer = await ask('/certificate.p12');
      return answer.ok && Buffer.from(await answer.arrayBuffer());
    });
    writeFileSync(at('given.p12'), given);
    const open = (password: string) =>
      spawnSync('openssl', ['pkcs12', '-in', at('given.p12'), '-passin', password, '-nodes'], { encoding: 'utf8' });
    const body = (text: string) => text.split(/-----(?:BEGIN|END) [A-Z ]+-----/).map((part) => part.trim());
    const opened = body(open(`file:${at('token')}`).stdout);
    for (const part of body(pair() ?? '').filter(Boolean)) expect(opened).toContain(part);
    expect(open('pass:').status).not.toBe(0);
    expect(open('pass:0123456789abcdef0123456789abcdee').status).not.toBe(0);
  });

  test('gives nothing where it has no token', async () => {
    behind = port;
    start({ token: false });
    await waitFor('a certificate', pair);
    expect((await ask('/certificate.p12')).status).toBe(404);
  });

  test('takes no token that could be guessed', async () => {
    writeFileSync(at('token'), 'secret\n');
    const keeper = start();
    expect(await keeper.ended()).toBe(78);
    expect(keeper.said).toContain('no token of 32 characters or more');
    expect(keeper.said).not.toContain('secret');
  });

  test('says why it was refused, and asks again in its own time even when it starts anew', async () => {
    behind = port;
    writeFileSync(
      at('refuses'),
      `Saving debug log to /x\n\nCertbot failed to authenticate some domains (authenticator: webroot). The Certificate Authority reported these problems:
  Identifier: shop.example.com
  Type:   dns
  Detail: DNS problem: NXDOMAIN looking up A for shop.example.com

Hint: Ensure that it is there.

Some challenges have failed.
Ask for help or search for solutions at https://community.letsencrypt.org.
`,
    );
    const keeper = start();
    const why = await waitFor('the refusal', async () => {
      const said = await status();
      return said.includes('gets none') && said;
    });
    expect(why).toMatch(
      /^has no certificate yet, and gets none: shop\.example\.com: DNS problem: NXDOMAIN looking up A for shop\.example\.com; asks again at \d{4}-\d\d-\d\dT[\d:]+Z$/,
    );
    await keeper.stop();

    rmSync(at('refuses'));
    const again = start();
    await waitFor('it to answer', status);
    expect(asked(), 'an engine that starts it again and again must not use up what the authority allows').toHaveLength(
      1,
    );
    again.child.kill('SIGHUP');
    await waitFor('a certificate', pair);
    await again.stop();

    // What is asked for now was never refused.
    writeFileSync(at('refuses'), 'An unexpected error occurred:\ntoo many certificates already issued\n');
    const other = start({ hosts: ['other.example.com'] });
    const limit = await waitFor('the next refusal', async () => (await status()).includes('gets none') && status());
    expect(limit).toMatch(/^has a certificate until \S+, and gets none: too many certificates already issued; asks/);
    await other.stop();
  });

  test('publishes what is renewed, whoever renewed it, and never a key without its certificate', async () => {
    behind = port;
    const keeper = start();
    const first = await waitFor('a certificate', pair);
    await waitFor('the end of the first', async () => (await status()).startsWith('has a'));
    const live = execFileSync('sh', ['-c', `echo ${at('state/certbot/live')}/*`], { encoding: 'utf8' }).trim();
    const words = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-subj',
      '/CN=new',
    ];
    execFileSync('openssl', [...words, '-keyout', at('key'), '-out', at('chain')], { stdio: 'ignore' });
    writeFileSync(join(live, 'privkey.pem'), readFileSync(at('key')));
    keeper.child.kill('SIGHUP');
    await waitFor('another look', async () => asked().length === 2 && (await status()).startsWith('has a'));
    expect(pair()).toBe(first);
    writeFileSync(join(live, 'fullchain.pem'), readFileSync(at('chain')));
    expect(await waitFor('the new pair', () => (pair() === first ? undefined : pair()))).toBe(
      read('key') + read('chain'),
    );
  });

  test('tells whether it is alive', async () => {
    const health = () => spawnSync('python3', ['-I', KEEPER, '--health', String(port)], { encoding: 'utf8' });
    expect(health().status).toBe(1);
    mkdirSync(at('state'));
    start();
    await waitFor('it to answer', status);
    expect(health()).toMatchObject({ status: 0, stdout: expect.stringMatching(/^(starts|has no|waits)/) as string });
  });
});
