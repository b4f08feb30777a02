import { describe, expect, test } from 'vitest';
import { messages, read, UV } from './folder.js';

const minorOf = (files: Record<string, string>, python?: string) =>
  read({ ...UV, ...files }, { build: { python } }).source?.python;

describe('the Python version', () => {
  test.each([
    ['.python-version', '3.12\n'],
    ['.python-version', '# pinned\n3.12.4\n'],
    ['.python-version', 'cpython-3.12.4-linux-x86_64-gnu\n'],
    ['.tool-versions', 'nodejs 20.1.0\npython 3.12.4\n'],
    ['runtime.txt', 'python-3.12.4\n'],
  ])('is what %s asks for (%j)', (file, content) => {
    expect(minorOf({ [file]: content })).toEqual({ minor: '3.12', from: file });
  });

  test('is build.python before everything else', () => {
    expect(minorOf({ '.python-version': '3.12' }, '3.13')).toEqual({ minor: '3.13', from: 'build.python' });
  });

  test.each([
    ['>=3.11', '3.14'],
    ['>=3.11,<3.13', '3.12'],
    ['~=3.12', '3.14'],
    ['~=3.12.4', '3.12'],
    ['==3.13.*', '3.13'],
    ['>=3.12.7,!=3.14.*', '3.13'],
  ])('is the newest that requires-python %s allows: %s', (range, minor) => {
    const files = {
      'pyproject.toml': `[project]\nname = "shop"\nrequires-python = "${range}"\n`,
      'uv.lock': UV['uv.lock'].replace('>=3.11', range),
    };
    expect(minorOf(files)).toEqual({ minor, from: 'requires-python in pyproject.toml' });
  });

  test('is the newest known where nothing asks for one', () => {
    expect(
      minorOf({ 'pyproject.toml': '', 'uv.lock': UV['uv.lock'].replace('requires-python = ">=3.11"', '') }),
    ).toEqual({ minor: '3.14', from: 'default' });
  });

  test('must be one that the project allows', () => {
    expect(messages(read(UV, { build: { python: '3.10' } }))).toEqual([
      'Python 3.10 (build.python) is not allowed by requires-python in pyproject.toml: >=3.11; change one of them',
    ]);
    const files = { ...UV, 'pyproject.toml': '[project]\nname = "shop"\nrequires-python = ">=3.99"\n' };
    expect(messages(read(files))).toEqual([expect.stringContaining('allows >=3.99, none of 3.10, 3.11')]);
  });

  test('must be one that has an image, unless the stack gives one', () => {
    const files = {
      ...UV,
      'pyproject.toml': '',
      'uv.lock': UV['uv.lock'].replace('>=3.11', '>=3.8'),
      '.python-version': '3.9',
    };
    expect(messages(read(files))).toEqual([
      expect.stringMatching(
        /^Python 3\.9 \(\.python-version\) has no image here, 3\.10 to 3\.14 have; set build: \{ python: "3\.14" \}, /,
      ),
    ]);
    expect(read(files, { pythonImage: 'registry.example/python:3.9' }).source?.python.minor).toBe('3.9');
  });
});
