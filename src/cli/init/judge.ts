import type { Dependencies } from '../../sources/discovery/dependencies.js';
import type { Source, SourceComplaint, SourceReading } from '../../sources/source.js';

/** What synthesis makes of the source folder. */
export interface Judgement {
  readonly source: Source | undefined;
  /** Why versions that are not locked are accepted; undefined where they are locked. */
  readonly unpinned: string | undefined;
  /** What is accepted that way, and how it is mended. */
  readonly accepted: readonly string[];
  /** What has to be mended before anything can be synthesized. */
  readonly toDo: readonly string[];
}

const UNPINNED = 'requirements-unpinned';

/**
 * Versions that nobody pinned are accepted, since most projects begin like that: the stack file says so. A version that is known to be
 * too old is not, nor a server that nothing installs.
 */
export function judge({ source, complaints }: SourceReading, dependencies: Dependencies): Judgement {
  const isOpen = complaints.some(({ id }) => id === UNPINNED) && bringsServer(dependencies);
  const toDo = complaints.filter((one) => !isOpen || !followsFromOpen(one));
  const isAccepted = isOpen && toDo.length === 0;
  const messages = complaints.map(({ message }) => message);
  return {
    source,
    unpinned: isAccepted ? 'versions are not pinned yet; uv pip compile pins them' : undefined,
    accepted: isAccepted ? complaints.filter(({ id }) => id === UNPINNED).map(({ message }) => message) : [],
    toDo: isAccepted ? [] : messages,
  };
}

function bringsServer(dependencies: Dependencies): boolean {
  return dependencies.has('uvicorn') || /\b(standard|all)\b/.test(dependencies.get('fastapi')?.value ?? '');
}

/** What is missing may come with what is not pinned; what is too old is pinned. */
function followsFromOpen({ id = '', message }: SourceComplaint): boolean {
  return id === UNPINNED || (id.endsWith('-floor') && / (is missing|has no pinned version) in /.test(message));
}
