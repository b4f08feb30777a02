import type { RunningContainer } from './platform.js';

/** Command lines of the processes of a container, with only what a Python image has. */
export const PROCESS_LIST = [
  'sh',
  '-c',
  'for file in /proc/[0-9]*/cmdline; do tr "\\0" " " <"$file" 2>/dev/null && echo; done',
];

/** Those of them that are a server: neither the shim nor a check. */
export function serverProcesses(list: string): string[] {
  return list
    .split('\n')
    .filter(
      (line) => /uvicorn|gunicorn|multiprocessing|spawn_main/.test(line) && !/start\.py|health\.py|\/proc\//.test(line),
    );
}

export interface Privileges {
  /** Fields of /proc/PID/status of every process. */
  readonly processes: readonly Readonly<Record<string, string>>[];
  /** Folders in which a file could be made. */
  readonly writes: readonly string[];
  readonly memory: number | null;
  readonly pids: number | null;
}

/** What the processes of a container may do, tried from inside. */
export async function privileges(container: RunningContainer): Promise<Privileges> {
  const { stdout, stderr, exitCode } = await container.exec(['sh', '-c', PRIVILEGES]);
  if (exitCode !== 0) throw new Error(`${container.app}: ${stderr}`);
  const [statuses = '', folders = '', memory = '', pids = ''] = stdout.split('--\n');
  return {
    processes: statuses
      .split(/^(?=Name:)/m)
      .map((status) =>
        Object.fromEntries([...status.matchAll(/^(\w+):\t(\w+)/gm)].map(([, key = '', value = '']) => [key, value])),
      )
      // What the engine starts a check with shows for a moment before it has become the check.
      .filter(({ Name }) => Name !== 'runc'),
    writes: [...new Set(folders.split('\n').filter(Boolean))].toSorted(),
    memory: limit(memory),
    pids: limit(pids),
  };
}

function limit(text: string): number | null {
  return /^\d+$/.test(text.trim()) ? Number(text) : null;
}

/** Only what a Debian image has without Python: nginx is asked as well. Control groups of version 1, then of 2. */
const PRIVILEGES = `
for status in /proc/[0-9]*/status; do cat $status 2>/dev/null; done
echo --
find / -xdev -type d -writable 2>/dev/null
for folder in $(awk '$2 !~ "^/(proc|sys)" {print $2}' /proc/mounts); do
  [ ! -d $folder ] || ! (: >$folder/asgi-synth-probe) 2>/dev/null || { echo $folder; rm $folder/asgi-synth-probe; }
done
echo --
cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max
echo --
cat /sys/fs/cgroup/pids/pids.max 2>/dev/null || cat /sys/fs/cgroup/pids.max
`;
