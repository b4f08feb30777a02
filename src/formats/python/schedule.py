"""Scheduler of asgi-synth: starts one command by the clock, each tick at most once.

    python3 -I schedule.py --name NAME --cron FIELDS --zone ZONE --overlap forbid|allow|replace --deadline SECONDS
        --timeout SECONDS --grace SECONDS [--state FILE] -- COMMAND ARGUMENT...

FIELDS are minutes, hours, days, months and weekdays (0 is Sunday): `*` or numbers with commas. A tick that is due
is written to FILE before its command starts, so that no crash repeats it. Of the ticks that were missed the last
one is made up for, where it was due no longer than --deadline ago. A command that runs longer than --timeout gets
SIGTERM, and SIGKILL after --grace. SIGTERM ends the scheduler once its commands have ended, which get it as well.
"""

import os
import signal
import sys
from datetime import datetime, timezone
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

USAGE, CONFIGURATION = 64, 78
MINUTE, DAY = 60, 86400
WATCHED = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)


class Plan:
    """What the words say."""

    def __init__(self, words):
        options = {}
        while words and words[0] != "--":
            options[words[0]], words = (words[1:2] or [""])[0], words[2:]
        try:
            self.name, self.overlap = options["--name"], options["--overlap"]
            self.deadline, self.timeout, self.grace = (int(options[key]) for key in ("--deadline", "--timeout", "--grace"))
            self.fields = [numbers(field) for field in options["--cron"].split()]
            self.zone = ZoneInfo(options["--zone"])
        except ZoneInfoNotFoundError:
            fail(CONFIGURATION, "time zone {} is not in this image; install tzdata".format(options["--zone"]))
        except (KeyError, ValueError) as error:
            fail(USAGE, "wrong usage: {}".format(error))
        self.state, self.command = options.get("--state"), words[1:]
        if len(self.fields) != 5 or not self.command:
            fail(USAGE, "wrong usage: five fields and a command are needed")

    def is_tick(self, second):
        """Whether the minute that begins with a second of 1970's count is a tick."""
        at = datetime.fromtimestamp(second, self.zone)
        minutes, hours, days, months, weekdays = self.fields
        # The hour that a clock strikes twice in autumn: what has a time of its own runs the first time.
        if at.fold and hours is not None:
            return False
        by_day, by_weekday = has(days, at.day), has(weekdays, at.isoweekday() % 7)
        day = by_day and by_weekday if days is None or weekdays is None else by_day or by_weekday
        return has(minutes, at.minute) and has(hours, at.hour) and has(months, at.month) and day

    def due(self, now, last):
        """The last tick after `last` that may still start; None where there is none."""
        minute = int(now) // MINUTE * MINUTE
        while minute > last and now - minute <= self.deadline:
            if self.is_tick(minute):
                return minute
            minute -= MINUTE
        return None

    def show(self, tick):
        return datetime.fromtimestamp(tick, self.zone).isoformat()


def numbers(field):
    return None if field == "*" else {int(number) for number in field.split(",")}


def has(field, value):
    return field is None or value in field


class Run:
    """One command under way."""

    def __init__(self, pid, tick, began, plan):
        self.pid, self.tick, self.began = pid, tick, began
        self.ends, self.asked = began + plan.timeout, False


class Scheduler:
    """Looks at the clock each minute, and at its commands."""

    def __init__(self, plan, world):
        self.plan, self.world = plan, world
        self.runs, self.stopping, self.waiting = {}, False, None
        self.last = self.remembered(world.now())

    def remembered(self, now):
        """Without a memory the minute that has begun counts as done: it may have been, by whoever ran before."""
        last = self.world.load()
        if last is None:
            return int(now) // MINUTE * MINUTE
        if last > now + DAY:
            say(self.plan.name, "the last tick is remembered as {}; begins anew".format(self.plan.show(last)))
            return int(now) // MINUTE * MINUTE
        return last

    def run(self):
        say(self.plan.name, "waits for its time, after {}".format(self.plan.show(self.last)))
        self.look()
        while not self.stopping or self.runs:
            received = self.world.wait(self.pause())
            if received in (signal.SIGTERM, signal.SIGINT):
                self.stop()
            self.reap()
            self.end_late()
            if not self.stopping:
                self.look()
        return 0

    def pause(self):
        """Seconds until the next minute, or until a command's time is up."""
        now = self.world.now()
        moments = [run.ends for run in self.runs.values()]
        if not self.stopping:
            moments.append(now // MINUTE * MINUTE + MINUTE)
        return max(0.05, min(moments) - now) if moments else MINUTE

    def look(self):
        tick = self.plan.due(self.world.now(), self.last)
        if self.waiting not in (None, tick):
            self.tell(self.waiting, "is missed: the one before ran too long")
            self.waiting = None
        if tick is None:
            return
        if self.runs and self.plan.overlap == "forbid":
            return self.let_wait(tick)
        if self.plan.overlap == "replace":
            for run in self.runs.values():
                self.ask(run, "is replaced")
        self.start(tick)

    def let_wait(self, tick):
        if self.waiting != tick:
            self.tell(tick, "waits: the one before still runs")
        self.waiting = tick

    def start(self, tick):
        self.last, self.waiting = tick, None
        self.world.save(tick)
        now = self.world.now()
        self.tell(tick, "starts" if now - tick < 5 else "starts {:.0f} s late".format(now - tick))
        pid = self.world.start(self.plan.command)
        if pid is None:
            self.tell(tick, "failed: its command cannot be started")
        else:
            self.runs[pid] = Run(pid, tick, now, self.plan)

    def reap(self):
        for pid, status in self.world.reap():
            run = self.runs.pop(pid, None)
            if run is not None:
                seconds = self.world.now() - run.began
                how = "is done" if status == 0 else "failed with status {}".format(status)
                self.tell(run.tick, "{} after {:.0f} s".format(how, seconds))

    def end_late(self):
        for run in list(self.runs.values()):
            if self.world.now() < run.ends:
                continue
            if run.asked:
                run.ends += self.plan.grace
                self.world.kill(run.pid, signal.SIGKILL)
            else:
                self.ask(run, "is not done after {} s and has to end".format(self.plan.timeout))

    def ask(self, run, why):
        if not run.asked:
            run.asked, run.ends = True, self.world.now() + self.plan.grace
            self.tell(run.tick, why)
            self.world.kill(run.pid, signal.SIGTERM)

    def tell(self, tick, what):
        say(self.plan.name, "tick {} {}".format(self.plan.show(tick), what))

    def stop(self):
        self.stopping = True
        for run in self.runs.values():
            self.ask(run, "has to end: the scheduler stops")


class World:
    """The clock, the processes and the disk of this container."""

    def __init__(self, state):
        self.state = state
        signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)

    def now(self):
        return datetime.now(timezone.utc).timestamp()

    def wait(self, seconds):
        info = signal.sigtimedwait(WATCHED, seconds)
        return info and info.si_signo

    def start(self, command):
        try:
            defaults = signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}
            # A group of its own: what it has started itself gets its signals too.
            return os.posix_spawnp(command[0], command, os.environ, setsigmask=[], setsigdef=defaults, setpgroup=0)
        except OSError as error:
            say(command[0], "cannot be started: {}".format(error.strerror))
            return None

    def kill(self, pid, number):
        try:
            os.killpg(pid, number)
        except ProcessLookupError:
            pass

    def reap(self):
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            yield pid, os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)

    def load(self):
        try:
            with open(self.state, encoding="ascii") as file:
                return int(file.read())
        except (TypeError, OSError, ValueError):
            return None

    def save(self, tick):
        if self.state is None:
            return
        beside = self.state + ".new"
        try:
            with open(beside, "w", encoding="ascii") as file:
                file.write("{}\n".format(tick))
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, self.state)
        except OSError as error:
            say(self.state, "cannot be written: {}".format(error.strerror))


def say(name, message):
    line = "".join(character if character.isprintable() else "?" for character in "{}: {}".format(name, message))
    print("asgi-synth: " + line, file=sys.stderr, flush=True)


def fail(status, message):
    say("schedule", message)
    sys.exit(status)


def main(words):
    plan = Plan(words)
    return Scheduler(plan, World(plan.state)).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
