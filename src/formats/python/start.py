"""Start shim of asgi-synth: PID 1 of a container. Lets the balancer go before the app stops.

    python3 -I -S start.py [--drain SECONDS] [--secret NAME=FILE]... [--url NAME=URL]...
    [--wait HOST:PORT]... [--wait-seconds SECONDS] [--limit SECONDS] [--grace SECONDS] -- COMMAND ARGUMENT...

SIGTERM is passed on after SECONDS (a second one at once), every other signal immediately. Each --secret sets
a variable of the command to what FILE holds, less one newline at its end; each --url sets one to URL, in
which what the file FILE holds, percent-encoded, takes the place of {FILE}. Before the command starts, each --wait is
awaited to take a connection, all of them together no longer than SECONDS. A command that is not done after
--limit gets SIGTERM, and SIGKILL after --grace. Orphans are reaped. The exit
status is the command's own, 128 + N where signal N ended it; 78 for a secret that is not there, 126 and 127
for a command that cannot be started, 64 for wrong usage.
"""

# `signal` would import enum and all that it needs: 1 MB more in every container.
import _signal as signal
import os
import sys
import time

USAGE, CONFIGURATION = 64, 78

PASSED_ON = ("HUP", "INT", "QUIT", "USR1", "USR2", "TTIN", "TTOU", "WINCH", "CONT")
WATCHED = [getattr(signal, "SIG" + name) for name in PASSED_ON] + [signal.SIGTERM, signal.SIGCHLD, signal.SIGALRM]


def main(words):
    options, command = parse(words)
    environment = {**os.environb, **read(options["secrets"]), **fill(options["urls"])}
    # Blocked before the command starts, so that none is lost; `wait` takes them one by one.
    signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
    await_all(options["waits"], time.monotonic() + options["wait_seconds"])
    child = start(command, environment)
    signal.setitimer(signal.ITIMER_REAL, options["limit"], options["grace"])
    return supervise(child, options["drain"], options["limit"])


def parse(words):
    times = {"drain": 0.0, "limit": 0.0, "grace": 10.0, "wait_seconds": 30.0}
    options = {**times, "secrets": [], "urls": [], "waits": []}
    while words and words[0] != "--":
        option, value, words = words[0], words[1:2], words[2:]
        key = option[2:].replace("-", "_")
        if key in times and is_seconds(value):
            options[key] = float(value[0])
        elif option == "--secret" and value and value[0].partition("=")[2]:
            options["secrets"].append(value[0].partition("=")[::2])
        elif option == "--url" and value and value[0].partition("{")[2].partition("}")[1]:
            options["urls"].append(value[0].partition("=")[::2])
        elif option == "--wait" and value and value[0].rpartition(":")[2].isdecimal():
            options["waits"].append(value[0].rpartition(":")[::2])
        else:
            fail(USAGE, "wrong usage at " + option)
    if len(words) < 2:
        fail(USAGE, "no command after --")
    return options, words[1:]


def is_seconds(value):
    return bool(value) and value[0].replace(".", "", 1).isdecimal()


def read(secrets):
    """Bytes by name. Says which file cannot be read, never what one holds."""
    values = {}
    for name, path in secrets:
        try:
            with open(path, "rb", buffering=0) as file:
                value = file.read()
        except OSError as error:
            fail(CONFIGURATION, "secret file {} for {} cannot be read: {}".format(path, name, error.strerror))
        if b"\0" in value:
            fail(CONFIGURATION, "secret file {} for {} holds a NUL byte, which no variable can".format(path, name))
        values[os.fsencode(name)] = value[: -len(newline_of(value)) or None]
    return values


def fill(urls):
    """Bytes by name: URLs with what their files hold in the place of {FILE}."""
    values = {}
    for name, url in urls:
        before, _, rest = url.partition("{")
        path, _, after = rest.partition("}")
        for key, value in read([(name, path)]).items():
            values[key] = os.fsencode(before) + quoted(value) + os.fsencode(after)
    return values


UNRESERVED = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"


def quoted(value):
    return b"".join(bytes([byte]) if byte in UNRESERVED else b"%%%02X" % byte for byte in value)


def await_all(waits, deadline):
    """Returns at the deadline too: what then comes of a missing database is the command's own affair."""
    for host, port in waits:
        told = False
        while not takes_connections(host, port, deadline):
            if not told:
                say("waiting for {}:{}".format(host, port))
                told = True
            if time.monotonic() >= deadline:
                say("{}:{} takes no connections; starting without it".format(host, port))
                break
            received = signal.sigtimedwait(STOPPING, 0.5)
            if received:
                os._exit(128 + received.si_signo)


STOPPING = [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT]


def takes_connections(host, port, deadline):
    # `socket` would import enum and selectors.
    import _socket

    try:
        for family, kind, protocol, _, address in _socket.getaddrinfo(host, int(port), 0, _socket.SOCK_STREAM):
            connection = _socket.socket(family, kind, protocol)
            try:
                connection.settimeout(min(max(deadline - time.monotonic(), 0.1), 3))
                connection.connect(address)
                return True
            except OSError:
                pass
            finally:
                connection.close()
    except OSError:
        pass
    return False


def newline_of(value):
    return b"\r\n" if value.endswith(b"\r\n") else b"\n" if value.endswith(b"\n") else b""


def start(command, environment):
    """Pid of the command, which finds every signal as a process expects it: open and default."""
    try:
        return os.posix_spawnp(command[0], command, environment, setsigmask=[], setsigdef=defaults())
    except FileNotFoundError:
        fail(127, "command {} is not found".format(command[0]))
    except OSError as error:
        fail(126, "command {} cannot be started: {}".format(command[0], error.strerror))


def defaults():
    return signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}


def supervise(child, drain, limit):
    deadline, stopping, late = None, False, False
    while True:
        received = wait(deadline)
        if received == signal.SIGCHLD:
            status = reap(child)
            if status is not None:
                return status
        elif received == signal.SIGALRM:
            if not late:
                say("the command is not done after {:g} s and has to end".format(limit))
            os.kill(child, signal.SIGKILL if late else signal.SIGTERM)
            late = True
        elif received == signal.SIGTERM and drain and not stopping:
            deadline, stopping = time.monotonic() + drain, True
        elif received is None:
            deadline = None
            os.kill(child, signal.SIGTERM)
        else:
            # The second SIGTERM ends the wait.
            deadline = None if received == signal.SIGTERM else deadline
            os.kill(child, received)


def wait(deadline):
    """The next signal, or None at the deadline."""
    if deadline is None:
        return signal.sigwaitinfo(WATCHED).si_signo
    info = signal.sigtimedwait(WATCHED, max(deadline - time.monotonic(), 0))
    return info and info.si_signo


def reap(child):
    """Takes every process that has ended, orphans as well. Exit status of the command once it is among them."""
    result = None
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return result
        if pid == 0:
            return result
        if pid == child:
            result = os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)


def fail(status, message):
    say(message)
    os._exit(status)


def say(message):
    # A file name may hold anything; the line must stay one line.
    line = "".join(character if character.isprintable() else "?" for character in message)
    os.write(2, "asgi-synth: {}\n".format(line).encode("utf-8", "replace"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
