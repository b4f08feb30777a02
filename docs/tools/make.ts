// Makes what the pages have from the code: `npm run docs`.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { made } from './pages.js';

const root = join(import.meta.dirname, '../..');

for (const { path, before, after } of await made(root)) {
  if (before === after) continue;
  writeFileSync(join(root, path), after);
  console.log(path);
}
