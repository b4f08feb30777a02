import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { scheduleCommand, type ScheduleValues } from '../../../src/formats/python.js';

const SCRIPT = fileURLToPath(new URL('../../../src/formats/python/schedule.py', import.meta.url));
const PYTHON = spawnSync('python3', ['-c', 'import zoneinfo; zoneinfo.ZoneInfo("Europe/Berlin")']).status === 0;

const folder = mkdtempSync(join(tmpdir(), 'schedule-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A world in which a command takes as long as it is said to, and time goes by when somebody waits. */
const MADE_UP = `
import importlib.util, json, signal, sys
spec = importlib.util.spec_from_file_location("schedule", sys.argv[1])
schedule = importlib.util.module_from_spec(spec)
spec.loader.exec_module(schedule)
given = json.loads(sys.argv[2])
told = []
class World:
    def __init__(self):
        self.time, self.alive, self.ended, self.count, self.stopped = given["from"], {}, [], 0, False
    def now(self):
        return self.time
    def wait(self, seconds):
        moment = self.time + seconds
        first = min(self.alive.items(), key=lambda one: one[1], default=None)
        stop = moment + 1 if self.stopped else given["until"]
        if first is not None and first[1] <= min(moment, stop):
            self.time = max(self.time, first[1])
            del self.alive[first[0]]
            self.ended.append((first[0], 0))
            return signal.SIGCHLD
        if stop <= moment:
            self.stopped, self.time = True, max(self.time, stop)
            return signal.SIGTERM
        self.time = moment
        for at, to in list(given.get("jumps", [])):
            if self.time >= at:
                given["jumps"].remove([at, to])
                self.time = to
        return None
    def start(self, command):
        self.count += 1
        self.alive[self.count] = self.time + given.get("takes", 1)
        told.append(["start", self.time])
        return self.count
    def kill(self, pid, number):
        told.append([signal.Signals(number).name, self.time])
        if pid in self.alive and (number == signal.SIGKILL or not given.get("deaf")):
            self.alive[pid] = self.time
    def reap(self):
        ended, self.ended = self.ended, []
        return ended
    def load(self):
        return given.get("remembered")
    def save(self, tick):
        told.append(["save", tick])
schedule.Scheduler(schedule.Plan(sys.argv[3:]), World()).run()
print(json.dumps(told))
`;

const VALUES: ScheduleValues = {
  ...{ script: SCRIPT, name: 'cleanup', cron: '* * * * *', timeZone: 'UTC', overlap: 'forbid' },
  ...{ deadlineSeconds: 60, timeoutSeconds: 3600, graceSeconds: 10 },
};

interface Given {
  readonly from: string;
  readonly until: string;
  /** Seconds that each run takes. */
  readonly takes?: number;
  readonly remembered?: string;
  /** Whether commands do not care for SIGTERM. */
  readonly deaf?: boolean;
  /** When the clock is set to another time. */
  readonly jumps?: readonly (readonly [string, string])[];
}

const seconds = (text: string) => Date.parse(text) / 1000;
const at = (time: number) => new Date(time * 1000).toISOString().slice(0, 19);

function happens(values: Partial<ScheduleValues>, given: Given) {
  const world = {
    ...{ takes: given.takes ?? 1, deaf: given.deaf ?? false, from: seconds(given.from), until: seconds(given.until) },
    ...(given.remembered === undefined ? {} : { remembered: seconds(given.remembered) }),
    jumps: (given.jumps ?? []).map((pair) => pair.map(seconds)),
  };
  const words = [...scheduleCommand({ ...VALUES, ...values }).slice(3), 'true'];
  const { stdout, stderr } = spawnSync('python3', ['-c', MADE_UP, SCRIPT, JSON.stringify(world), ...words], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  if (stdout === '') throw new Error(stderr);
  const told = (JSON.parse(stdout) as [string, number][]).map(([what, time]) => `${what} ${at(time)}`);
  return { told, history: stderr, starts: told.flatMap((line) => /^start (.*)/.exec(line)?.[1] ?? []) };
}

describe.runIf(PYTHON)('the scheduler', () => {
  test('starts its command at each tick, written down before', () => {
    const { told } = happens({}, { from: '2026-11-25T10:00:30Z', until: '2026-11-25T10:03:10Z' });
    expect(told).toEqual([
      ...['save 2026-11-25T10:01:00', 'start 2026-11-25T10:01:00'],
      ...['save 2026-11-25T10:02:00', 'start 2026-11-25T10:02:00'],
      ...['save 2026-11-25T10:03:00', 'start 2026-11-25T10:03:00'],
    ]);
  });

  test('keeps its history in the log', () => {
    const { history } = happens(
      { timeZone: 'Europe/Berlin' },
      { from: '2026-11-25T10:00:30Z', until: '2026-11-25T10:01:30Z', takes: 7 },
    );
    expect(history.split('\n')).toEqual([
      'asgi-synth: cleanup: waits for its time, after 2026-11-25T11:00:00+01:00',
      'asgi-synth: cleanup: tick 2026-11-25T11:01:00+01:00 starts',
      'asgi-synth: cleanup: tick 2026-11-25T11:01:00+01:00 is done after 7 s',
      '',
    ]);
  });

  test('runs no tick twice that it remembers, and makes up for the last that was missed', () => {
    const remembered = '2026-11-25T10:01:00Z';
    const crash = { from: '2026-11-25T10:01:05Z', until: '2026-11-25T10:02:30Z', remembered };
    expect(happens({}, crash).starts).toEqual(['2026-11-25T10:02:00']);
    const long = { from: '2026-11-25T10:05:20Z', until: '2026-11-25T10:06:30Z', remembered };
    const { starts, history } = happens({}, long);
    expect(starts).toEqual(['2026-11-25T10:05:20', '2026-11-25T10:06:00']);
    expect(history).toContain('tick 2026-11-25T10:05:00+00:00 starts 20 s late');
  });

  test('leaves out what is past its deadline', () => {
    const late = { from: '2026-11-25T10:01:20Z', until: '2026-11-25T10:30:00Z', remembered: '2026-11-25T09:00:00Z' };
    expect(happens({ cron: '0 * * * *', deadlineSeconds: 60 }, late).starts).toEqual([]);
    expect(happens({ cron: '0 * * * *', deadlineSeconds: 600 }, late).starts).toEqual(['2026-11-25T10:01:20']);
  });

  test('begins with the next tick where it remembers none', () => {
    const { starts } = happens({}, { from: '2026-11-25T10:00:05Z', until: '2026-11-25T10:01:30Z' });
    expect(starts).toEqual(['2026-11-25T10:01:00']);
  });

  test('runs no tick again when the clock is put back, and only the last when it is put forward', () => {
    const back = [['2026-11-25T10:03:00Z', '2026-11-25T10:01:00Z']] as const;
    const { starts } = happens({}, { from: '2026-11-25T10:00:30Z', until: '2026-11-25T10:03:30Z', jumps: back });
    expect(starts).toEqual(['2026-11-25T10:01:00', '2026-11-25T10:02:00', '2026-11-25T10:03:00']);
    const forward = [['2026-11-25T10:01:00Z', '2026-11-25T12:00:10Z']] as const;
    const ahead = happens({}, { from: '2026-11-25T10:00:30Z', until: '2026-11-25T12:00:40Z', jumps: forward });
    expect(ahead.starts).toEqual(['2026-11-25T12:00:10']);
  });

  test('is not stuck with a tick that a wrong clock has remembered', () => {
    const given = { from: '2026-11-25T10:00:30Z', until: '2026-11-25T10:01:30Z', remembered: '2031-01-01T00:00:00Z' };
    const { starts, history } = happens({}, given);
    expect(starts).toEqual(['2026-11-25T10:01:00']);
    expect(history).toContain('begins anew');
  });
});

describe.runIf(PYTHON)('a tick that comes while the one before runs', () => {
  const given = { from: '2026-11-25T10:00:30Z', until: '2026-11-25T10:03:20Z', takes: 90 };

  test('waits for its end where they may not overlap', () => {
    const { told, history } = happens({ overlap: 'forbid' }, given);
    expect(told.filter((line) => line.startsWith('start'))).toEqual([
      'start 2026-11-25T10:01:00',
      'start 2026-11-25T10:02:30',
    ]);
    expect(history).toContain('tick 2026-11-25T10:02:00+00:00 waits: the one before still runs');
  });

  test('is missed where that takes longer than its deadline, and the next one is not', () => {
    const { starts, history } = happens({ deadlineSeconds: 20 }, { ...given, until: '2026-11-25T10:03:30Z' });
    expect(starts).toEqual(['2026-11-25T10:01:00', '2026-11-25T10:03:00']);
    expect(history).toContain('tick 2026-11-25T10:02:00+00:00 is missed: the one before ran too long');
  });

  test('starts beside it where they may', () => {
    const { starts } = happens({ overlap: 'allow' }, given);
    expect(starts).toEqual(['2026-11-25T10:01:00', '2026-11-25T10:02:00', '2026-11-25T10:03:00']);
  });

  test('ends it where it is to be replaced', () => {
    const { told } = happens({ overlap: 'replace' }, { ...given, until: '2026-11-25T10:02:20Z' });
    expect(told.filter((line) => !line.startsWith('save'))).toEqual([
      'start 2026-11-25T10:01:00',
      'SIGTERM 2026-11-25T10:02:00',
      'start 2026-11-25T10:02:00',
      'SIGTERM 2026-11-25T10:02:20',
    ]);
  });
});

describe.runIf(PYTHON)('a run', () => {
  test('that takes too long is asked to end, and killed after its grace period', () => {
    const given = { from: '2026-11-25T10:00:30Z', until: '2026-11-25T10:01:50Z', takes: 900, deaf: true };
    const { told, history } = happens({ cron: '1 * * * *', timeoutSeconds: 20, graceSeconds: 10 }, given);
    expect(told).toEqual([
      'save 2026-11-25T10:01:00',
      'start 2026-11-25T10:01:00',
      'SIGTERM 2026-11-25T10:01:20',
      'SIGKILL 2026-11-25T10:01:30',
    ]);
    expect(history).toContain('is not done after 20 s and has to end');
  });

  test('has its grace period when the scheduler stops, which waits for it', () => {
    const given = { from: '2026-11-25T10:00:30Z', until: '2026-11-25T10:01:10Z', takes: 900, deaf: true };
    const { told } = happens({ graceSeconds: 30 }, given);
    expect(told.slice(2)).toEqual(['SIGTERM 2026-11-25T10:01:10', 'SIGKILL 2026-11-25T10:01:40']);
  });
});

describe.runIf(PYTHON)('a tick', () => {
  const startsOf = (cron: string, from: string, until: string) =>
    happens({ cron, timeZone: 'Europe/Berlin' }, { from, until }).starts;

  test('comes at the time of its zone, in summer and in winter', () => {
    expect(startsOf('0 3 * * *', '2026-07-01T00:00:30Z', '2026-07-01T12:00:00Z')).toEqual(['2026-07-01T01:00:00']);
    expect(startsOf('0 3 * * *', '2026-12-01T00:00:30Z', '2026-12-01T12:00:00Z')).toEqual(['2026-12-01T02:00:00']);
  });

  test('is left out where the clock skips it, and counts once where it strikes twice', () => {
    expect(startsOf('30 2 * * *', '2026-03-28T22:00:30Z', '2026-03-29T12:00:00Z')).toEqual([]);
    expect(startsOf('30 2 * * *', '2026-10-24T22:00:30Z', '2026-10-25T12:00:00Z')).toEqual(['2026-10-25T00:30:00']);
    expect(startsOf('30 * * * *', '2026-10-24T23:59:30Z', '2026-10-25T02:00:00Z')).toHaveLength(2);
  });

  test('comes on the day or the weekday where both are named', () => {
    // The first of December 2026 is a Tuesday.
    expect(startsOf('0 12 1 * 3', '2026-11-30T22:00:30Z', '2026-12-03T00:00:00Z')).toEqual([
      '2026-12-01T11:00:00',
      '2026-12-02T11:00:00',
    ]);
  });
});

describe.runIf(PYTHON)('schedule.py', () => {
  const command = (values: Partial<ScheduleValues>, ...words: readonly string[]) => [
    ...scheduleCommand({ ...VALUES, ...values }).slice(1),
    ...words,
  ];

  test('says in one line that a time zone is not in the image', () => {
    const { status, stderr } = spawnSync('python3', command({ timeZone: 'Europe/Nowhere' }, 'true'), {
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({
      status: 78,
      stderr: 'asgi-synth: schedule: time zone Europe/Nowhere is not in this image; install tzdata\n',
    });
  });

  test('runs a tick that is due, remembers it, and stops its command when it has to', async () => {
    const state = join(folder, 'tick');
    const before = Math.floor(Date.now() / 60_000) * 60 - 120;
    writeFileSync(state, `${before}\n`);
    const listener = 'trap "echo ended; exit 0" TERM; echo begun; while :; do sleep 0.1; done';
    const child = spawn('python3', command({ state }, 'sh', '-c', listener), { stdio: ['ignore', 'pipe', 'pipe'] });
    const said: string[] = [];
    child.stdout.on('data', (chunk: Buffer) => said.push(chunk.toString()));
    await once(child.stdout, 'data');
    child.kill('SIGTERM');
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(said.join('')).toBe('begun\nended\n');
    expect(Number(readFileSync(state, 'utf8'))).toBeGreaterThan(before);
  });
});
