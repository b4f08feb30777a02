import type { DraftApp, DraftDatabase, DraftSecret } from './draft.js';
import type { FoundDatabase } from './databases.js';
import { secretId, type GivenVariable, type Sorted } from './environment.js';
import type { Mounts } from './mounts.js';
import { placeOf, type Notebook } from './notebook.js';

/** The secrets of a stack, each once. */
export class SecretList {
  private readonly found: (DraftSecret & { readonly variable: GivenVariable })[] = [];
  private readonly mounts: Mounts;
  private readonly book: Notebook;

  constructor(mounts: Mounts, book: Notebook) {
    this.mounts = mounts;
    this.book = book;
  }

  add({ id, variable }: Sorted['secrets'][number]): string {
    const known = this.found.find((one) => one.id === id);
    if (!known)
      this.found.push({
        id,
        isVariable: true,
        file: undefined,
        external: undefined,
        from: placeOf(variable.at),
        variable,
      });
    else if (known.variable.raw !== variable.raw || known.variable.value !== variable.value)
      this.book.note(
        `${variable.name} is not the same in ${known.from} and ${placeOf(variable.at)}: the stack has one secret ${id} for both`,
      );
    return id;
  }

  /** A database whose password an app has as a variable of its own, or that has it from a file. */
  shared({ draft, password }: FoundDatabase, apps: readonly DraftApp[]): DraftDatabase {
    if (!password) return draft;
    const file = /^\/run\/secrets\/(.+)$/.exec(password.value)?.[1];
    if (file !== undefined) return { ...draft, password: this.mounts.secretNamed(file, password.at) };
    const ids = apps.flatMap(({ secrets }) => secrets);
    const same = this.found.find(
      ({ id, variable }) =>
        ids.includes(id) &&
        (variable.value === ''
          ? variable.raw === password.raw && variable.raw !== ''
          : variable.value === password.value),
    );
    const ownName = secretId(`${draft.id.replaceAll('-', '_')}_PASSWORD`);
    return { ...draft, password: same?.id ?? (ids.includes(ownName ?? '') ? ownName : undefined) };
  }

  all(): DraftSecret[] {
    const declared = this.mounts.secrets.filter(({ id }) => !this.found.some((one) => one.id === id));
    return [...this.found.map(({ variable: _, ...secret }) => secret), ...declared];
  }
}
