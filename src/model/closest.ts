/** The word of `known` that `word` most likely meant, or undefined where none is near. */
export function closest(word: string, known: readonly string[]): string | undefined {
  const near = known
    .map((candidate) => ({ candidate, distance: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(
      ({ candidate, distance }) => distance <= Math.max(1, Math.floor(candidate.length / 3)) || isPart(word, candidate),
    )
    .toSorted((a, b) => a.distance - b.distance);
  return near[0]?.candidate;
}

/** What to say of a word that is none of `known`: the one that it most likely meant, else all. @param near words to guess from */
export function meantOrKnown(word: string, known: readonly string[], near: readonly string[] = known): string {
  const guess = closest(word, near);
  return guess === undefined ? `known are ${known.join(', ')}` : `did you mean ${guess}?`;
}

/** A shorter name for the same thing: `env` for `environment`, `timeout` for `requestTimeout`. */
function isPart(word: string, candidate: string): boolean {
  const [part, whole] = [word.toLowerCase(), candidate.toLowerCase()];
  return part.length >= 3 && (whole.startsWith(part) || (part.length >= 5 && whole.endsWith(part)));
}

/** Edits (insert, delete, replace, swap of neighbours) between two words; long words are not worth the time. */
function distance(a: string, b: string): number {
  if (a.length > 64) return Infinity;
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const replace = row[j - 1]! + (same ? 0 : 1);
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, replace, swapped ? before[j - 2]! + 1 : Infinity);
    }
    before = row;
    row = next;
  }
  return row[b.length]!;
}
