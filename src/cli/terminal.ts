import { oneLine } from '../errors.js';
import type { Report } from '../deployment/report.js';

/** A report on stderr that is ended before something else is printed. */
export interface LiveReport extends Report {
  /** Takes the live line away. */
  end(): void;
}

/** Where a report goes: `process.stderr`, or what a test has. */
export interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const ERASE_LINE = '\r\u001b[2K';

/** Steps as lines; on a terminal also one line that shows how far it is and is replaced by the next. Plain lines in CI. */
export function reportTo(stream: Stream, env: NodeJS.ProcessEnv = process.env): LiveReport {
  const live = stream.isTTY === true && !env['CI'] && env['TERM'] !== 'dumb';
  let shown = '';
  const erase = () => {
    if (shown !== '') stream.write(ERASE_LINE);
    shown = '';
  };
  return {
    step(line) {
      erase();
      stream.write(`${oneLine(line)}\n`);
    },
    progress(line) {
      if (!live) return;
      // A line that wraps could not be erased.
      const cut = [...oneLine(line)].slice(0, Math.max(20, (stream.columns ?? 80) - 1)).join('');
      if (cut === shown) return;
      erase();
      stream.write(cut);
      shown = cut;
    },
    end: erase,
  };
}

/** Prints a result as JSON, in the shape that every command has. */
export function printJson(result: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify({ schemaVersion: 1, ...result }, null, 2)}\n`);
}

/** Rows with columns as wide as their widest cell, two spaces between them. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) => `${row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ')}`.trimEnd() + '\n')
    .join('');
}
