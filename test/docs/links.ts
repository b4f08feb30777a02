import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { proseOf, type Page } from './page.js';

/** Links of a page to something of ours that is not there. */
export function brokenLinks(root: string, { path, text }: Page): string[] {
  const links = [...proseOf(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!);
  return links.filter((link) => !(/^https:\/\/[\w-]+\.[\w.-]+(\/|$)/.test(link) || isThere(root, path, link)));
}

function isThere(root: string, page: string, link: string): boolean {
  const [file = '', anchor] = link.split('#');
  const target = file === '' ? join(root, page) : join(root, dirname(page), file);
  if (!existsSync(target)) return false;
  return anchor === undefined || anchorsOf(readFileSync(target, 'utf8')).has(anchor);
}

/** Anchors that GitHub gives the headings of a page. */
function anchorsOf(text: string): Set<string> {
  const headings = [...text.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading!);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replace(/\s/g, '-'),
    ),
  );
}

/** Paths of ours that the prose of a page names and that are neither in the project nor where the page was read. */
export function missingPaths(root: string, { text }: Page, folders: readonly string[]): string[] {
  const named = [...proseOf(text).matchAll(/`((?:\.ci|bench|bin|docs|images|out|src|stacks|test)\/[\w./-]*\w\/?)`/g)];
  return named
    .map(([, path]) => path!)
    .filter((path) => ![root, ...folders].some((folder) => existsSync(join(folder, path))));
}
