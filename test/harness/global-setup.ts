import { holderVariable, installEngines, releaseEngines, type EngineName } from './engines.js';

/**
 * Vitest's global setup of the integration tests: the engines start when a test file first asks for one, are shared by all
 * files of the run, and stop with it. What they need is installed here, since a hook of a test has not the minutes that takes.
 */
export async function setup(): Promise<void> {
  process.env[holderVariable] = String(process.pid);
  await installEngines(wanted());
}

export async function teardown(): Promise<void> {
  await releaseEngines();
}

/** `ASGI_SYNTH_ENGINES='docker swarm'` leaves the rest uninstalled. */
function wanted(): EngineName[] {
  const names = (process.env['ASGI_SYNTH_ENGINES'] ?? 'docker swarm kubernetes').split(/[\s,]+/).filter(Boolean);
  return names.map((name) => {
    if (name === 'docker' || name === 'swarm' || name === 'kubernetes') return name;
    throw new Error(`ASGI_SYNTH_ENGINES: no engine is called ${name}`);
  });
}
