import { readdirSync, readFileSync } from 'node:fs';

/** Processes of this machine that are in a container's control group; its sandbox's own is none of them. */
export function hostProcesses(container: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => read(`/proc/${pid}/cgroup`).includes(container) && read(`/proc/${pid}/comm`).trim() !== 'pause')
    .map(Number);
}

/** Ends them all at once. Only where the engine's containers are processes of this machine. */
export function killProcesses(container: string): void {
  const processes = hostProcesses(container);
  if (processes.length === 0) throw new Error(`container ${container} has no process on this machine`);
  for (const pid of processes) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      // The first of them takes the others with it.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
