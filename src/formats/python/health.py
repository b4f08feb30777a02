"""Health check of asgi-synth, run inside the container. Exit status 0: healthy, 1: not; the reason is on stdout.

    python3 -I -S health.py --port PORT [--readiness PATH] [--liveness PATH] [--host NAME] [--timeout SECONDS]
                            [--workers N] [--restart-after N] [--state FOLDER]

Readiness is asked until it was right once, liveness from then on: the check that lets a container in is also
the one that ends it. A path is right with a status from 200 to 399; without one `/` is asked, and any status below
500 is right. --workers: the first success needs N Gunicorn workers that have marked themselves ready.
--restart-after: N failures in a row after the first success send SIGTERM to PID 1, for there Docker restarts
what ends, not what is unhealthy. --state: where the marks of workers and earlier checks are, /tmp by default.
"""

# `socket` and `signal` would import enum, selectors and more: twice the time, every few seconds.
import _socket as socket
import os
import sys
import time

SIGTERM = 15


def main(words):
    options = parse(words)
    state = State("{state}/asgi-synth-health-{port}".format(**options))
    path = options["liveness" if state.admitted else "readiness"]
    problem = check(options, path, 0 if state.admitted else int(options["workers"]))
    if problem is None:
        state.succeed()
    elif state.admitted:
        state.fail(int(options["restart-after"]))
    print((problem or "{} is right".format(path or "/")) + state.trouble)
    return 0 if problem is None else 1


def parse(words):
    options = {"port": "8000", "readiness": None, "liveness": None, "host": "127.0.0.1"}
    options.update({"timeout": "3", "workers": "0", "restart-after": "0", "state": "/tmp"})
    for name, value in zip(words[::2], words[1::2]):
        if name[2:] not in options or not name.startswith("--"):
            sys.exit("unknown option " + name)
        options[name[2:]] = value
    if len(words) % 2:
        sys.exit("no value for " + words[-1])
    return options


def check(options, path, workers):
    """None if all is right, else what is not."""
    ready = workers and count_ready(options["state"] + "/asgi-synth-ready")
    if ready < workers:
        return "{} of {} workers are ready".format(ready, workers)
    try:
        status = ask(int(options["port"]), path or "/", options["host"], float(options["timeout"]))
    except (OSError, ValueError) as error:
        return "{} got no answer: {}".format(path or "/", error)
    right = 200 <= status < 400 if path else status < 500
    return None if right else "{} answered {}".format(path or "/", status)


def count_ready(folder):
    try:
        return sum(os.path.exists("/proc/" + pid) for pid in os.listdir(folder))
    except OSError:
        return 0


def ask(port, path, host, timeout):
    """Status of the answer. The timeout is for all of it: a server that trickles is not healthy either."""
    deadline = time.monotonic() + timeout
    connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    connection.settimeout(timeout)
    connection.connect(("127.0.0.1", port))
    request = "GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: asgi-synth-health\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    connection.send(request.format(path, host).encode())
    answer = b""
    while b"\r\n" not in answer:
        left = deadline - time.monotonic()
        if left <= 0:
            raise ValueError("timed out")
        connection.settimeout(left)
        received = connection.recv(4096)
        if not received:
            raise ValueError("the connection was closed")
        answer += received
    return status_of(answer)


def status_of(answer):
    words = answer.split(b"\r\n")[0].split(b" ")
    if not words[0].startswith(b"HTTP/") or len(words) < 2:
        raise ValueError("not HTTP")
    return int(words[1])


class State:
    """What earlier checks of this very container found. It is lost with PID 1, even where /tmp outlives that."""

    def __init__(self, path):
        self.path, self.trouble = path, ""
        self.start = started()
        try:
            with open(self.path) as file:
                start, failures = file.read().split()
        except (OSError, ValueError):
            start, failures = "", "0"
        self.admitted = start == self.start
        self.failures = int(failures) if self.admitted else 0

    def succeed(self):
        if not self.admitted or self.failures:
            self.write(0)

    def fail(self, limit):
        if not limit:
            return
        self.write(self.failures + 1)
        # Not at every further failure: a second SIGTERM would cut the drain short.
        if (self.failures + 1) % limit == 0:
            os.kill(1, SIGTERM)

    def write(self, failures):
        try:
            with open(self.path + ".new", "w") as file:
                file.write("{} {}".format(self.start, failures))
            os.replace(self.path + ".new", self.path)
        except OSError as error:
            # A full /tmp must not end an app that answers.
            self.trouble = "; {} cannot be written: {}".format(self.path, error.strerror)


def started():
    """When PID 1 started, in ticks of the kernel's clock."""
    with open("/proc/1/stat") as file:
        return file.read().rpartition(")")[2].split()[19]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
