import { join } from 'node:path';
import { holderVariable, releaseEngines } from '../harness/engines.js';
import { run } from '../harness/process.js';

/** The judges are programs of their own; some of them read from a running Docker engine. */
export async function setup(): Promise<void> {
  process.env[holderVariable] = String(process.pid);
  const script = join(import.meta.dirname, '../harness/engines/engines.sh');
  await run(script, ['install', 'docker', 'kubernetes', 'judges'], { timeoutSeconds: 3600, echo: true });
}

export async function teardown(): Promise<void> {
  await releaseEngines();
}
