import type { OutputFile } from '../../targets/target.js';
import type { Difference } from '../deployer.js';
import { partsOf, type Part } from './parts.js';
import { redactedLine } from './redact.js';
import { compareTexts } from './texts.js';
import { compareTrees } from './trees.js';

/** How one output differs from another: services and objects field by field, everything else line by line. */
export function compareOutputs(before: readonly OutputFile[], after: readonly OutputFile[]): Difference[] {
  const [one, other] = [partsOf(before), partsOf(after)];
  return [...new Set([...other.keys(), ...one.keys()])].flatMap((of) => compareParts(of, one.get(of), other.get(of)));
}

function compareParts(of: string, before: Part | undefined, after: Part | undefined): Difference[] {
  if (before && after && 'text' in before && 'text' in after) return compareTexts(of, before.text, after.text);
  return compareTrees(of, valueOf(before), valueOf(after));
}

function valueOf(part: Part | undefined): unknown {
  if (part === undefined) return undefined;
  return 'text' in part ? redactedLine(part.text) : part.tree;
}
