import type { Target } from '../target.js';

export const kubernetes: Target = { name: 'kubernetes', synthesize: () => [], problems: () => [] };
