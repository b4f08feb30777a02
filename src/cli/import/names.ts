import { DNS_LABEL } from '../../model/values.js';
import type { Notebook } from './notebook.js';

/** Names that an output uses for itself. */
const RESERVED = /^(nginx|python|runtime|secrets|namespace|kustomization|stack|compose|default|constructor)$/;

/** Gives each thing an id that a stack takes, and each id once. */
export class Names {
  private readonly taken = new Set<string>();
  private readonly book: Notebook;

  constructor(book: Notebook) {
    this.book = book;
  }

  idFor(name: string, kind: string): string {
    const plain = plainId(name, kind);
    let id = plain;
    for (let number = 2; this.taken.has(id); number++) id = `${plain.slice(0, 36)}-${number}`;
    this.taken.add(id);
    if (id !== name) this.book.note(`${name} is called ${id} in the stack, where it must be another name`);
    return id;
  }
}

function plainId(name: string, kind: string): string {
  const plain = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 36)
    .replaceAll(/^-+|-+$/g, '');
  if (RESERVED.test(plain)) return `${plain}-${kind}`;
  return DNS_LABEL.test(plain) ? plain : kind;
}

/** Snake case, as secrets are named. */
export function snakeCase(name: string): string {
  const plain = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
    .slice(0, 50);
  return /^[a-z]/.test(plain) ? plain : `secret_${plain}`.slice(0, 50).replace(/_$/, '');
}
