/** One cell of the table of faults. */
export interface Row {
  readonly target: string;
  readonly fault: string;
  readonly requests: number;
  readonly lost: number;
  /** Seconds. */
  readonly recovery: number;
  readonly note: string;
}

const HEAD = ['target', 'fault', 'requests', 'lost', 'recovery (s)', 'note'];

/** The rows that a page holds already. */
export function readRows(page: string): Row[] {
  return page.split('\n').flatMap((line) => {
    const cells = line.split('|').slice(1, -1);
    const [target = '', fault = '', requests = '', lost = '', recovery = '', note = ''] = cells.map((cell) =>
      cell.trim().replaceAll('&#124;', '|'),
    );
    if (cells.length !== HEAD.length || !/^\d+$/.test(requests)) return [];
    return [{ target, fault, requests: Number(requests), lost: Number(lost), recovery: Number(recovery), note }];
  });
}

/** Old rows, less those that were measured again, with the new ones; sorted. */
export function mergedRows(old: readonly Row[], fresh: readonly Row[]): Row[] {
  const key = ({ fault, target }: Row) => `${fault}\n${target}`;
  const rows = new Map([...old, ...fresh].map((row) => [key(row), row]));
  return [...rows].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

/** The table as Markdown. */
export function writeTable(rows: readonly Row[]): string {
  const lines = rows.map(({ target, fault, requests, lost, recovery, note }) => [
    ...[target, fault, String(requests), String(lost), recovery.toFixed(1)],
    note.replaceAll('|', '&#124;').replaceAll('\n', ' '),
  ]);
  const widths = HEAD.map((head, column) => Math.max(head.length, ...lines.map((line) => line[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => (isNumber(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0))).join(' | ')} |`;
  const rule = widths.map((width, column) => (isNumber(column) ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)));
  return [line(HEAD), line(rule), ...lines.map(line)].join('\n');
}

const isNumber = (column: number) => column >= 2 && column <= 4;

/** The whole page. `versions` by target. */
export function page(rows: readonly Row[], machine: string, versions: Readonly<Record<string, string>>): string {
  const engines = Object.entries(versions)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([target, version]) => `- ${target}: ${version}`);
  return `# Faults

What users lose when something happens to a stack that runs, measured by \`npm run test:faults\`: each fault is made while requests
come on new connections and on kept ones (with one retry of a GET that got no byte), GET and POST half and half. Lost is what got
no complete answer with status 200. A POST is never executed twice: each has an id, and a journal outside of the containers hears
of every execution. Recovery is the time from the fault until the last request that was lost began. 0 lost of 30,000 says that
fewer than 1 in 10,000 are, with a certainty of 95 %.

Made on ${machine}, client, registry and engines together:

${engines.join('\n')}

${writeTable(rows)}
`;
}

/** The versions that a page tells. */
export function readVersions(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/^- ([a-z-]+): (.+)$/gm)].map(([, target = '', version = '']) => [target, version]),
  );
}
