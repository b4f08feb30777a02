import type { FileLimit } from '../config-files.js';

/** Engines before 25 refuse a config from 500 KiB on, later ones from 1000 KiB on (MaxConfigSize of SwarmKit). */
export const SWARM_FILE_LIMIT: FileLimit = {
  bytes: 500 * 1024 - 1,
  size: (text) => Buffer.byteLength(text),
  because: 'a Swarm keeps less than 500 KiB in a config',
};
