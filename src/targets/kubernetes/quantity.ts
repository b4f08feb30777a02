/** Bytes in the largest binary unit that needs no fraction: `512Mi`. */
export function size(bytes: number): string {
  const unit = ['Ti', 'Gi', 'Mi', 'Ki'].find((_, index) => bytes > 0 && bytes % 1024 ** (4 - index) === 0);
  return unit === undefined ? String(bytes) : `${bytes / 1024 ** (['Ki', 'Mi', 'Gi', 'Ti'].indexOf(unit) + 1)}${unit}`;
}

/** Cores, to the thousandth: `2`, `250m`. */
export function cores(count: number): string {
  const thousandths = Math.max(1, Math.round(count * 1000));
  return thousandths % 1000 === 0 ? String(thousandths / 1000) : `${thousandths}m`;
}
