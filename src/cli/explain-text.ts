import { oneLine } from '../errors.js';
import type { ExplainedFile } from '../explanation/construct.js';
import type { ExplainedLine } from '../explanation/lines.js';
import type { Origin } from '../explanation/origin.js';
import type { AppTimes, Overview, RunningPart } from '../explanation/overview.js';
import { processCount } from '../model/scaling.js';
import { cores, size } from '../targets/kubernetes/quantity.js';
import { table } from './terminal.js';

/** A stack on a target, for people. */
export function overviewText(overview: Overview): string {
  const { name, target, what, multiplies, balances, why, edge, times, files } = overview;
  const sections = [
    `${name} on ${target}, ${what}\n\n${wrapped(why)}\n`,
    table([
      ['who multiplies and restarts', multiplies],
      ['who balances', balances],
      ['who takes requests', edge.what],
    ]),
    table(
      edge.ports.length === 0
        ? [['ports', 'none on the machine']]
        : [['port', 'of'], ...edge.ports.map(({ port, what: of }) => [port, of])],
    ),
    runsTable(overview),
    ...times.map(timesTable),
    table([['file', 'what it is for'], ...files.map(({ path, what: of }) => [path, of])]),
  ];
  return sections.join('\n');
}

function runsTable({ parts, total }: Overview): string {
  return table([
    ['runs', 'kind', 'processes', 'containers', 'memory each', 'made of', 'memory', 'in an update', 'cores'],
    ...parts.map((part) => [
      part.id,
      part.kind,
      processes(part),
      `${part.containers}${part.perNode ? ' a node' : ''}`,
      size(part.memoryEach),
      madeOf(part),
      size(part.memory),
      size(part.peak),
      part.cpu === undefined ? '-' : cores(part.cpu),
    ]),
    [
      'together',
      '',
      '',
      '',
      '',
      '',
      size(total.memory),
      size(total.peak),
      total.cpu === undefined ? '-' : cores(total.cpu),
    ],
  ]);
}

function processes({ processes: most, fewest = most }: RunningPart): string {
  return processCount({ processes: most, scaling: { min: fewest, max: most } });
}

function madeOf({ madeOf: memory }: RunningPart): string {
  if (memory === undefined) return '-';
  const own = memory.times === 1 ? size(memory.process) : `${memory.times} × ${size(memory.process)}`;
  return memory.plus === undefined ? own : `${own} + ${size(memory.plus.bytes)} for ${memory.plus.for}`;
}

function timesTable({ construct, links, health }: AppTimes): string {
  return table([
    [`times of ${construct}`, 'seconds', 'what', 'made of'],
    ...links.map(({ name, seconds, what, madeOf: of }) => [name, String(seconds), what, of]),
    ...health.map(({ name, seconds, madeOf: of }) => [name, String(seconds), 'how a start is judged', of]),
  ]);
}

/** What a construct became, for people. Fields with one reason stand together, and each reason is told once a file. */
export function constructText(path: string, target: string, files: readonly ExplainedFile[]): string {
  if (files.length === 0) return `${path} leaves nothing in the output for ${target}\n`;
  return files.map(({ path: file, fields }) => `${file}\n${fieldsText(fields)}`).join('\n');
}

function grouped(fields: readonly ExplainedLine[]): ExplainedLine[][] {
  const groups: ExplainedLine[][] = [];
  for (const field of fields) {
    const last = groups.at(-1);
    if (last !== undefined && reasonText(last[0]!) === reasonText(field)) last.push(field);
    else groups.push([field]);
  }
  return groups;
}

function fieldsText(fields: readonly ExplainedLine[]): string {
  const told = new Map<string, number>();
  return grouped(fields)
    .map((group) => {
      const rows = group.map(({ line, path, value = '' }) => [`  ${line}`, `${path} = ${short(value)}`]);
      const [{ line }, reason] = [group[0]!, reasonText(group[0]!)];
      const before = told.get(reason);
      told.set(reason, before ?? line);
      return table(rows) + (before === undefined ? reason : `      as line ${before}\n`);
    })
    .join('');
}

/** One line of an output, for people. */
export function lineText(file: string, line: ExplainedLine): string {
  const { path, value } = line;
  return `${file}:${line.line}\n  ${path}${value === undefined ? '' : ` = ${short(value)}`}\n${reasonText(line)}`;
}

function reasonText({ why = 'nothing is known of it', from, timeout, patch, source }: ExplainedLine): string {
  const made = patch === undefined ? madeBy(from) : [`a patch of the stack file: ${patch}`];
  return [
    `      ${why}\n`,
    ...(timeout === undefined ? [] : [`      ${timeout.name} ${timeout.seconds} s: ${timeout.madeOf}\n`]),
    ...made.map((text) => `      from ${oneLine(text)}\n`),
    ...(made.length === 0 ? [`      ours: no prop changes it\n`] : []),
    ...(source === undefined ? [] : [`      see ${source}\n`]),
  ].join('');
}

function madeBy(from: readonly Origin[]): string[] {
  return from.map(({ construct, prop, given, value, position }) => {
    const is = value === undefined ? '' : `, ${value}`;
    if (!given) return `${prop} of ${construct}${is}: ${value === undefined ? 'not given' : 'its default'}`;
    const place = position && ` at ${position.file}:${position.line}:${position.column}`;
    return `${prop} of ${construct}${is}: given${place ?? ''}`;
  });
}

/** A value of the user's may be of any length. */
function short(value: string): string {
  const line = oneLine(value);
  return line.length > 100 ? `${line.slice(0, 99)}…` : line;
}

function wrapped(text: string, width = 100): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length >= width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.join('\n');
}
