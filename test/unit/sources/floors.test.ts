import { expect, test } from 'vitest';
import { GOOD, read, SHOP, UV, uvLock } from './folder.js';

const locked = (packages: Parameters<typeof uvLock>[0]) => {
  const needs = [...SHOP.needs, ...Object.keys(packages)];
  return read({ ...UV, 'uv.lock': uvLock({ ...GOOD, ...packages, shop: { ...SHOP, needs } }) });
};

test.each([
  [
    'uvicorn',
    '0.50.2',
    "uvicorn 0.50.2 is older than 0.51 in uv.lock: older ones differ at start and stop; run: uv add 'uvicorn[standard]>=0.51'",
  ],
  [
    'starlette',
    '0.49.1',
    "starlette 0.49.1 is older than 1.0.1 in uv.lock: in older ones a Host header moves the path of a request (CVE-2026-48710); run: uv add 'starlette>=1.0.1'",
  ],
  [
    'h11',
    '0.14.0',
    "h11 0.14.0 is older than 0.16 in uv.lock: older ones accept malformed chunks (CVE-2025-43859); run: uv add 'h11>=0.16'",
  ],
])('%s %s is a problem', (name, version, message) => {
  const { source, complaints } = locked({ [name]: { ...GOOD[name as keyof typeof GOOD], version } });
  expect(complaints).toEqual([{ id: `${name}-floor`, prop: 'source', message }]);
  expect(source).toBeDefined();
});

test.each([
  ['gunicorn', '25.1.0', '26.1'],
  ['uvicorn-worker', '0.3.0', '0.4'],
])('%s is a problem where Gunicorn runs, if it is locked too old', (name, version, floor) => {
  expect(locked({ [name]: { version } }).complaints).toEqual([
    expect.objectContaining({
      id: `${name}-floor`,
      flavour: 'gunicorn',
      message: expect.stringContaining(`run: uv add '${name}>=${floor}'`) as string,
    }),
  ]);
  expect(locked({ [name]: { version: '99' } }).complaints).toEqual([]);
});

test('the floors themselves are no problem, nor are their pre-releases', () => {
  const versions = { uvicorn: '0.51', starlette: '1.0.1', h11: '0.16', gunicorn: '26.1', 'uvicorn-worker': '0.4.0' };
  const packages = Object.fromEntries(
    Object.entries(versions).map(([name, version]) => [name, { ...GOOD[name as keyof typeof GOOD], version }]),
  );
  expect(locked(packages).complaints).toEqual([]);
});

test('other frameworks need no Starlette', () => {
  const { starlette: _, fastapi: __, ...rest } = GOOD;
  expect(
    read({ ...UV, 'uv.lock': uvLock({ ...rest, shop: { ...SHOP, needs: ['uvicorn[standard]'] } }) }).complaints,
  ).toEqual([]);
});

test('uvicorn that is missing is one problem, not three', () => {
  const { complaints } = read({
    ...UV,
    'uv.lock': uvLock({ starlette: GOOD.starlette, shop: { ...SHOP, needs: ['starlette'] } }),
  });
  expect(complaints.map(({ id }) => id)).toEqual(['uvicorn-floor']);
});

test('a member of a workspace is mended by name', () => {
  const lock = uvLock({ uvicorn: { version: '0.54.0' }, api: { source: 'virtual = "api"', needs: ['uvicorn'] } });
  const { complaints } = read({ 'uv.lock': lock, 'pyproject.toml': '', 'api/main.py': 'app = 1' }, { source: 'api' });
  expect(complaints[0]?.message).toMatch(/run: uv add --package api 'uvicorn\[standard\]>=0\.51'$/);
});
