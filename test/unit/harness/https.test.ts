import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { selfSigned } from '../../harness/certificate.js';
import { negotiated, requestSecurely } from '../../harness/https.js';

test('a request over HTTPS believes one certificate, and that for its host alone', async () => {
  const { certificate, key } = selfSigned('a.example.com');
  const server = createServer({ cert: certificate, key }, (request, response) =>
    response.end(`${request.headers.host} ${request.url}`),
  ).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const securely = { host: 'a.example.com', address, ca: certificate };
  expect(await requestSecurely(securely, '/x%2Fy')).toMatchObject({ status: 200, body: 'a.example.com /x%2Fy' });
  expect(await negotiated(securely)).toEqual({ tls: 'TLSv1.3', protocol: 'http/1.1' });
  const other = selfSigned('a.example.com').certificate;
  await expect(requestSecurely({ ...securely, ca: other }, '/')).rejects.toThrow(/self-signed|self signed|verif/);
  await expect(requestSecurely({ ...securely, host: 'b.example.com' }, '/')).rejects.toThrow(/does not match/);
});
