import type { Cell } from './cell.js';
import { BROKEN } from './cells/broken.js';
import { CONNECTIONS } from './cells/connections.js';
import { CRASHES } from './cells/crashes.js';
import { EDGE } from './cells/edge.js';
import { UPDATES } from './cells/updates.js';

/** Every fault, in the order in which they are tried: those that hurt machines last. */
export const CELLS: readonly Cell[] = [...UPDATES, ...CONNECTIONS, ...EDGE, ...BROKEN, ...CRASHES];
