import { describe, expect, test } from 'vitest';
import { curlAnswer, curlCommand } from '../../../src/deployment/curl.js';

const said = (stdout: string, exitCode = 0, stderr = '') => curlAnswer({ stdout, stderr, exitCode });

describe('asking with curl', () => {
  test('keeps every value one word', () => {
    const words = curlCommand({ host: 'a b;c', path: '/$(x)?q=[1]', headers: { 'X-A': '"' }, body: 'secret' });
    expect(words).toContain('Host: a b;c');
    expect(words).toContain('X-A: "');
    expect(words.at(-1)).toBe('http://127.0.0.1:8080/$(x)?q=[1]');
    expect(words.join(' ')).not.toContain('secret');
  });

  test('is over HTTPS where nginx takes that: over HTTP it would only be sent there', () => {
    const edge = { image: 'nginx:1', port: 80, https: { port: 443 } };
    expect(curlCommand({ host: 'a', path: '/x' }, { edge }).at(-1)).toBe('https://127.0.0.1:8443/x');
  });

  test('reads status, headers and body', () => {
    expect(
      said('HTTP/1.1 200 OK\r\nServer: nginx\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\none\r\n\r\ntwo'),
    ).toEqual({
      status: 200,
      headers: { server: 'nginx', 'set-cookie': 'a=1, b=2' },
      body: 'one\r\n\r\ntwo',
    });
  });

  test('passes over an interim answer', () => {
    expect(said('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 413 Request Entity Too Large\r\n\r\n')).toMatchObject({
      status: 413,
    });
  });

  test('tells a closed connection from an edge that cannot be asked', () => {
    expect(said('', 52, 'curl: (52) Empty reply from server')).toMatchObject({ status: 0 });
    expect(() => said('', 7, 'curl: (7) Failed to connect')).toThrow('could not be asked: curl: (7) Failed to connect');
    expect(() => said('', 127)).toThrow('exit code 127');
  });
});
