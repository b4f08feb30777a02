import { composeFileSchema, composeServiceSchema } from '../compose-schema.js';
import type { FileRules } from '../patched-file.js';

/** What Docker Compose takes: all that the Compose Specification has. */
export const COMPOSE_RULES: FileRules = {
  target: 'bare-metal',
  file: composeFileSchema('compose'),
  service: composeServiceSchema('compose'),
  refusal: () => undefined,
  leavesNote: () => true,
};
