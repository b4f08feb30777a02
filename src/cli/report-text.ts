import { oneLine } from '../errors.js';
import { processCount } from '../model/scaling.js';
import type { StackReport, TargetFootprint } from '../report.js';
import type { Footprint, Total } from '../targets/footprint.js';
import { cores, size } from '../targets/kubernetes/quantity.js';
import type { PropReport, Unsupported } from '../targets/portability.js';
import type { Support } from '../targets/support.js';
import { table } from './terminal.js';

/** Three tables for people: what becomes of each prop, what does it where the target itself does not, and what it all takes. */
export function reportText({ targets, portability, footprint }: StackReport): string {
  const tables = [propRows(targets, portability), meansRows(targets, portability), footprintRows(footprint)];
  return tables
    .filter((rows) => rows.length > 1)
    .map(table)
    .join('\n');
}

function propRows(targets: readonly string[], portability: readonly PropReport[]): string[][] {
  return [
    ['construct', 'prop', ...targets],
    ...portability.map((row) => [row.construct.node.path, row.prop, ...targets.map((name) => word(row.targets[name]))]),
  ];
}

function word(outcome: Support | Unsupported | undefined): string {
  if (outcome === undefined || outcome.how === 'elsewhere') return '-';
  if (outcome.how !== 'problem') return outcome.how;
  const isAccepted = outcome.problems.every(({ accepted }) => accepted !== undefined);
  const ids = [...new Set(outcome.problems.map(({ id }) => id))];
  return `${isAccepted ? 'accepted' : 'problem'} ${ids.join(', ')}`;
}

/** What is alike in several constructs is told once. */
function meansRows(targets: readonly string[], portability: readonly PropReport[]): string[][] {
  const rows = targets.flatMap((target) =>
    portability.flatMap(({ prop, targets: outcomes }) => means(outcomes[target]).map((text) => [target, prop, text])),
  );
  return [['target', 'prop', 'by'], ...new Map(rows.map((row) => [JSON.stringify(row), row])).values()];
}

function means(outcome: Support | Unsupported | undefined): string[] {
  if (outcome?.how === 'emulated') return [outcome.by];
  if (outcome?.how !== 'problem') return [];
  return outcome.problems.map(({ message, accepted }) =>
    oneLine(`nothing: ${message}${accepted === undefined ? '' : ` (accepted: ${accepted})`}`),
  );
}

function footprintRows(footprint: readonly TargetFootprint[]): string[][] {
  return [
    ['target', 'id', 'processes', 'containers', 'memory each', 'memory', 'in an update', 'cores'],
    ...footprint.flatMap(({ target, parts, total }) => [
      ...parts.map((one) => [target, ...counts(one), size(one.memoryEach), ...figures(one)]),
      [target, 'all', '', '', '', ...figures(total)],
    ]),
  ];
}

function counts({ id, processes, fewest, perNode, containers }: Footprint): string[] {
  const range = fewest === undefined ? {} : { scaling: { min: fewest, max: processes } };
  return [id, processCount({ processes, ...range }), perNode ? `${containers} a node` : String(containers)];
}

function figures({ memory, peak, cpu }: Total): string[] {
  return [size(memory), size(peak), cpu === undefined ? '-' : cores(cpu)];
}
