import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inBrowser, type BrowserPage } from '../harness/browser.js';
import { run } from '../harness/process.js';
import { contrast } from '../unit/support/contrast.js';

const root = join(import.meta.dirname, '../..');
const out = mkdtempSync(join(tmpdir(), 'asgi-synth-graph-'));

beforeAll(async () => {
  for (const stack of ['shop', 'data']) {
    const words = ['bin/synth.mjs', 'graph', '--stack', `stacks/${stack}.ts`, '--format', 'html'];
    const { stdout } = await run('node', words, { cwd: root });
    writeFileSync(join(out, `${stack}.html`), stdout);
  }
});

afterAll(() => rmSync(out, { recursive: true, force: true }));

const inScheme = <T>(stack: string, scheme: string, work: (page: BrowserPage) => Promise<T>) =>
  inBrowser(pathToFileURL(join(out, `${stack}.html`)).href, async (page) => {
    await page.call('Emulation.setDeviceMetricsOverride', {
      width: 1800,
      height: 1200,
      deviceScaleFactor: 1,
      mobile: false,
    });
    await page.call('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
    return work(page);
  });

describe.each(['shop', 'data'])('the page of %s in a browser', (stack) => {
  test.each(['light', 'dark'])('can be read in the %s scheme', async (scheme) => {
    const pairs = await inScheme(stack, scheme, ({ evaluate }) => evaluate<[string, string][]>(COLOURS));
    expect(pairs.length).toBeGreaterThan(20);
    const hex = (colour: string) =>
      `#${(colour.match(/\d+/g) ?? [])
        .slice(0, 3)
        .map((part) => Number(part).toString(16).padStart(2, '0'))
        .join('')}`;
    expect(pairs.filter(([text, ground]) => contrast(hex(text), hex(ground)) < 4.5)).toEqual([]);
    const page = await inScheme(stack, scheme, ({ evaluate }) =>
      evaluate<string>('getComputedStyle(document.body).backgroundColor'),
    );
    expect(contrast(hex(page), '#000000') > 10).toBe(scheme === 'light');
  });

  test('asks for nothing but itself, and has nothing to complain of', async () => {
    const events = await inScheme(stack, 'light', ({ events: all }) => Promise.resolve(all));
    expect(events.filter(({ method }) => method === 'Network.requestWillBeSent')).toHaveLength(1);
    expect(
      events.filter(({ method }) => /Log.entryAdded|Runtime.(exceptionThrown|consoleAPICalled)/.test(method)),
    ).toEqual([]);
  });

  test('shows three targets side by side, with every text inside its box', async () => {
    await inScheme(stack, 'light', async ({ evaluate }) => {
      const tops = await evaluate<number[]>(
        `[...document.querySelectorAll('section')].map((one) => one.getBoundingClientRect().top)`,
      );
      expect(tops).toHaveLength(3);
      expect(new Set(tops).size).toBe(1);
      expect(await evaluate<string[]>(OUTSIDE)).toEqual([]);
      expect(await evaluate<boolean>('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    });
  });

  test('is reached by the keyboard, and each node has a name', async () => {
    await inScheme(stack, 'light', async ({ call, evaluate }) => {
      const nodes = await evaluate<number>(`document.querySelectorAll('.node').length`);
      const names = new Set<string>();
      for (let press = 0; press < nodes + 12; press += 1) {
        for (const type of ['keyDown', 'keyUp'])
          await call('Input.dispatchKeyEvent', { type, key: 'Tab', code: 'Tab', windowsVirtualKeyCode: 9 });
        const name = await evaluate<string>(FOCUSED);
        if (name !== '') names.add(name);
      }
      expect(names.size).toBe(nodes);
    });
  });
});

/** Colours of each text with those of what it is written on. */
const COLOURS = `[
  ...[...document.querySelectorAll('.node text')].map((text) => [
    getComputedStyle(text).fill, getComputedStyle(text.parentElement.querySelector('rect')).fill]),
  ...[...document.querySelectorAll('.quiet')].map((text) => [
    getComputedStyle(text).fill, getComputedStyle(document.body).backgroundColor]),
  ...[...document.querySelectorAll('h1,h2,p,summary')].map((text) => [
    getComputedStyle(text).color, getComputedStyle(document.body).backgroundColor]),
]`;

/** Texts that leave their boxes. */
const OUTSIDE = `[...document.querySelectorAll('.node text')].filter((text) => {
  const [own, box] = [text.getBBox(), text.parentElement.querySelector('rect').getBBox()];
  return own.x < box.x || own.x + own.width > box.x + box.width || own.y < box.y || own.y + own.height > box.y + box.height;
}).map((text) => text.textContent)`;

/** The name of the node that has the focus, with its place among all. */
const FOCUSED = `document.activeElement.classList.contains('node')
  ? [...document.querySelectorAll('.node')].indexOf(document.activeElement) + document.activeElement.getAttribute('aria-label') : ''`;
