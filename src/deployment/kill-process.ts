import type { Ran } from './exec.js';

/**
 * Kills one server process: one that is nobody's parent, below PID 1, which is the start shim. What was started by an exec, this
 * script and health checks among it, has no parent inside the container. Where PID 1 is not the shim, as when a container sees the
 * processes of its node, nothing is killed.
 */
const SCRIPT = `
import os
with open("/proc/1/cmdline") as file:
    ours = "/etc/asgi-synth/start.py" in file.read()
parents = {}
for pid in filter(str.isdigit, os.listdir("/proc")):
    try:
        with open("/proc/" + pid + "/stat") as file:
            parents[int(pid)] = int(file.read().rpartition(")")[2].split()[1])
    except OSError:
        pass
def below(pid):
    return pid == 1 or (pid in parents and below(parents[pid]))
leaves = [pid for pid in sorted(parents) if pid != 1 and pid not in parents.values() and below(pid)]
if ours and leaves:
    os.kill(leaves[0], 9)
    print(leaves[0])
`;

/** The words that do so inside a container of an app. */
export const KILL_COMMAND: readonly string[] = ['python3', '-I', '-S', '-c', SCRIPT];

/** Which process it was; undefined where there was none, or the container had gone. */
export function killedPid({ stdout, exitCode }: Ran): number | undefined {
  return exitCode === 0 && /^\d+\s*$/.test(stdout) ? Number(stdout) : undefined;
}
