import { DEFAULTS, type DefaultsByDate } from '../../../src/model/defaults.js';

const FIRST = DEFAULTS['2026-11'];

/** A table with a later date, as a later release would have it. */
export const LATER: DefaultsByDate = {
  '2026-11': FIRST,
  '2027-05': {
    ...FIRST,
    app: { ...FIRST.app, memory: '768Mi' },
    postgres: { ...FIRST.postgres, maxConnections: 200 },
    images: { ...FIRST.images, nginx: 'nginx:1.32.0' },
  },
};
