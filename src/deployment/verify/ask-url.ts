import { request as sendPlain } from 'node:http';
import { request as sendSecurely } from 'node:https';
import { userError } from '../../errors.js';
import { show } from '../../model/values.js';
import type { Answer, AskRequest } from '../probe.js';

/** Seconds for one request from outside. */
const PATIENCE = 30;

/** A function that asks at an address which the user gives. Throws a `UserError` where that is none. */
export function askAt(url: string): (request: AskRequest) => Promise<Answer> {
  const base = URL.canParse(url) ? new URL(url) : undefined;
  if (base === undefined || !Object.hasOwn(PORTS, base.protocol))
    throw userError(
      `--url must be an address of the edge such as http://10.0.0.5:8080 or https://10.0.0.5, got ${show(url)}`,
    );
  return (request) => ask(base, request);
}

const PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

function ask(
  { protocol, hostname, port }: URL,
  { host, path, method = 'GET', headers = {}, body }: AskRequest,
): Promise<Answer> {
  const to = { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? PORTS[protocol] : Number(port) };
  // Unknown hosts are asked as well, which no certificate names: whether it is right has a check of its own.
  const tls = protocol === 'https:' ? { rejectUnauthorized: false, servername: host } : {};
  const send = protocol === 'https:' ? sendSecurely : sendPlain;
  return new Promise((resolve, reject) => {
    const request = send(
      { ...to, ...tls, path, method, headers: { Host: host, ...headers }, agent: false },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
        response.on('error', reject).on('end', () => {
          resolve({ status: response.statusCode ?? 0, headers: joined(response.headers), body: text });
          // A body that was announced and never sent keeps the connection open.
          request.destroy();
        });
      },
    );
    request.setTimeout(PATIENCE * 1000, () => request.destroy(new Error(`no answer in ${PATIENCE} s`)));
    request.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET') resolve({ status: 0, headers: {}, body: '' });
      else reject(error);
    });
    if (isAnnounced(headers) && body === undefined) request.flushHeaders();
    else request.end(body);
  });
}

const isAnnounced = (headers: Readonly<Record<string, string>>) =>
  Object.keys(headers).some((name) => name.toLowerCase() === 'content-length');

function joined(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value ?? []].flat().join(', ')]));
}
