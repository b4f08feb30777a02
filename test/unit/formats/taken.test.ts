import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFailed, onTestFinished, test } from 'vitest';
import { takenCertificate, type TakenCertificate } from '../../../src/formats/nginx/taken.js';
import { selfSigned } from '../../harness/certificate.js';
import { waitFor } from '../../harness/wait.js';

/** Notes what it is told; `-t` refuses a pair that says so, and a reload fails while a file is there. */
const NGINX = `#!/bin/sh
here=$(dirname "$0")
case $* in
  *-t) ! grep -q refused "$here/tls/pair.pem" || { echo 'nginx: [emerg] cannot load certificate' >&2; exit 1; } ;;
  *reload) [ ! -f "$here/deaf" ] || exit 1; echo reload >>"$here/told" ;;
  *) echo start >>"$here/told"; exec sleep 60 ;;
esac
`;

const TOKEN = '0123456789abcdef0123456789abcdef';

describe('what lets nginx take a certificate over', () => {
  let folder: string;
  const at = (file: string) => join(folder, file);
  const read = (file: string) => (existsSync(at(file)) ? readFileSync(at(file), 'utf8') : '');
  const told = () => read('told').split('\n').filter(Boolean);
  const REFUSING = 'ssl_reject_handshake on;\n';

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'taken-'));
    writeFileSync(at('nginx'), NGINX, { mode: 0o755 });
    writeFileSync(at('token'), `${TOKEN}\n`);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function start(from: TakenCertificate['from']) {
    const taken = { command: [at('nginx')], folder: at('tls'), from, seconds: { each: 0.1, first: 0.1 } };
    writeFileSync(at('edge.sh'), `#!/bin/sh\n${takenCertificate(taken)}exec ${at('nginx')} -c x\n`);
    const child = spawn('sh', [at('edge.sh')], { stdio: ['ignore', 'inherit', 'pipe'], detached: true });
    const closed = once(child, 'close');
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    const stop = async () => {
      try {
        process.kill(-child.pid!, 'SIGKILL');
      } catch {
        // It has been stopped before.
      }
      await closed;
    };
    onTestFinished(stop);
    onTestFailed(() => console.log(said));
    await waitFor('nginx to start', () => told().includes('start'));
    return { stop, said: () => said };
  }

  /** As the service of a stack writes it: at once. */
  function publish(text: string): string {
    writeFileSync(at('new'), text);
    renameSync(at('new'), at('published.pem'));
    return text;
  }

  const served = () => read('tls/pair.pem');
  const pairOf = (host: string) => {
    const { certificate, key } = selfSigned(host);
    return key + certificate;
  };

  test('starts nginx without one, and takes over what comes by a reload', async () => {
    await start({ file: at('published.pem') });
    expect(read('tls/certificate.conf')).toBe(REFUSING);
    const first = publish('first');
    await waitFor('the first', () => told().length === 2);
    expect([served(), told()]).toEqual([first, ['start', 'reload']]);
    expect(read('tls/certificate.conf')).toBe(
      `ssl_certificate "${at('tls/pair.pem')}";\nssl_certificate_key "${at('tls/pair.pem')}";\n`,
    );
    const second = publish('second');
    await waitFor('the second', () => told().length === 3);
    expect(served()).toBe(second);
  });

  test('starts nginx with what is there already', async () => {
    publish('first');
    const { said } = await start({ file: at('published.pem') });
    expect([served(), told()]).toEqual(['first', ['start']]);
    expect(said()).not.toContain('there is none yet');
  });

  test('leaves what is served as it is where nginx refuses another one, says so once, and takes the next', async () => {
    publish('first');
    const { said } = await start({ file: at('published.pem') });
    publish('refused');
    await waitFor('the refusal', () => said().includes('nginx refuses a new one; what was served stays'));
    expect(said()).toContain('cannot load certificate');
    publish('third');
    await waitFor('the third', () => served() === 'third' && told().length === 2);
    expect(said().match(/nginx refuses/g)).toHaveLength(1);
  });

  test('starts nginx all the same where what is there cannot be served', async () => {
    publish('refused');
    const { said } = await start({ file: at('published.pem') });
    expect([served(), read('tls/certificate.conf')]).toEqual(['', REFUSING]);
    expect(said()).toContain('there is none yet; connections over TLS are refused until it comes');
  });

  test('tries again where nginx cannot be told', async () => {
    await start({ file: at('published.pem') });
    writeFileSync(at('deaf'), '');
    publish('first');
    await waitFor('a try', () => read('tls/said') !== '' || existsSync(at('tls/new.pem')));
    rmSync(at('deaf'));
    await waitFor('the next try', () => told().includes('reload'));
    expect(served()).toBe('first');
  });

  describe('from another node', () => {
    let server: Server;
    let url: string;
    beforeEach(async () => {
      server = createServer((_, response) =>
        existsSync(at('given.p12')) ? response.end(readFileSync(at('given.p12'))) : response.writeHead(404).end(),
      ).listen(0, '127.0.0.1');
      await once(server, 'listening');
      url = `http://127.0.0.1:${(server.address() as { port: number }).port}/certificate.p12`;
    });
    afterEach(() => void server.close());

    const from = () => ({ url, password: at('token'), kept: at('kept') });

    function give(text: string, token = TOKEN): void {
      writeFileSync(at('pair'), text);
      const words = ['pkcs12', '-export', '-in', at('pair'), '-inkey', at('pair'), '-passout', `pass:${token}`];
      execFileSync('openssl', [...words, '-out', at('closed.p12')]);
      renameSync(at('closed.p12'), at('given.p12'));
    }

    const bodies = (text: string) =>
      text.split(/-----(?:BEGIN|END) [A-Z ]+-----/).flatMap((part, index) => (index % 2 === 1 ? [part] : []));
    const serves = (pair: string) => () =>
      served() !== '' && bodies(pair).every((body) => bodies(served()).includes(body));

    test('takes it over, and keeps it closed for a time in which nobody gives it', async () => {
      const { stop } = await start(from());
      const pair = pairOf('shop.example.com');
      give(pair);
      await waitFor('the certificate', serves(pair));
      await waitFor('it to be kept', () => existsSync(at('kept/certificate.p12')));
      expect(readFileSync(at('kept/certificate.p12'))).toEqual(readFileSync(at('given.p12')));
      expect(readFileSync(at('kept/certificate.p12')).includes('PRIVATE KEY')).toBe(false);
      await stop();

      server.close();
      rmSync(at('tls'), { recursive: true });
      rmSync(at('told'));
      await start(from());
      expect(serves(pair)()).toBe(true);
      expect(told(), 'from its start on').toEqual(['start']);
    });

    test('reloads nothing for the same certificate under another seal', async () => {
      const pair = pairOf('shop.example.com');
      give(pair);
      await start(from());
      await waitFor('the certificate', () => told().length === 2);
      const before = readFileSync(at('kept/certificate.p12'));
      give(pair);
      await waitFor('the other file', () => !readFileSync(at('kept/certificate.p12')).equals(before));
      expect(told()).toEqual(['start', 'reload']);
    });

    test('leaves what is served where the token does not open another one, and says so once', async () => {
      const pair = pairOf('shop.example.com');
      give(pair);
      const { said } = await start(from());
      await waitFor('the certificate', () => existsSync(at('kept/certificate.p12')));
      copyFileSync(at('kept/certificate.p12'), at('kept-before'));
      give(pairOf('other.example.com'), 'another token that nobody here has');
      await waitFor('the complaint', () => said().includes(`cannot be opened with ${at('token')}`));
      expect(serves(pair)()).toBe(true);
      expect(readFileSync(at('kept/certificate.p12'))).toEqual(readFileSync(at('kept-before')));
      const next = pairOf('next.example.com');
      give(next);
      await waitFor('the next', serves(next));
      expect(said().match(/cannot be opened/g)).toHaveLength(1);
    });
  });
});
