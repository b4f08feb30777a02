"""Keeper of a certificate, by asgi-synth: gets it over ACME with certbot, and renews it in time.

    python3 -I acme.py --email ADDRESS --directory URL --state FOLDER --scratch FOLDER --port PORT --edge NAME:PORT
        [--token FILE] [--every SECONDS] HOST...
    python3 -I acme.py --health PORT

FOLDER of --state outlives the container and holds the account, the certificates and `pair.pem`, which is the key with the
certificate and those between it and its root, replaced at once. On PORT it answers what the authority asks below
/.well-known/acme-challenge/, its state at /status and, with --token, the pair at /certificate.p12, which opens with the
first line of FILE alone. The authority is not asked before every address of --edge passes such requests on. SIGHUP asks
it at once, whatever it said before.
"""

import json
import os
import random
import re
import secrets
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
from hashlib import sha256
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

USAGE, CONFIGURATION = 64, 78
WATCHED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)
CHALLENGES = "/.well-known/acme-challenge/"
PROBE = "asgi-synth-probe"
# Twice a day, as certbot's own timers do.
EVERY = 12 * 3600
# Let's Encrypt takes five failures of a host in an hour.
AGAIN = (60, 300, 900, 1800, 3600)
LONGEST_RUN = 900
PATIENCE = 60
LOOK = 5
SHORTEST_TOKEN = 32


class Plan:
    """What the words say."""

    def __init__(self, words):
        options = {}
        while words and words[0].startswith("--"):
            options[words[0]], words = (words[1:2] or [""])[0], words[2:]
        try:
            self.email, self.directory = options["--email"], options["--directory"]
            self.state, self.scratch = options["--state"], options["--scratch"]
            self.port, self.every = int(options["--port"]), int(options.get("--every", EVERY))
            name, _, port = options["--edge"].rpartition(":")
            self.edge = (name, int(port))
        except (KeyError, ValueError) as error:
            fail(USAGE, "wrong usage: {}".format(error))
        self.hosts, self.token = words, options.get("--token")
        if not self.hosts:
            fail(USAGE, "wrong usage: a host is needed")
        # Of another authority the certificate is another one, however long that of the first one holds.
        self.name = "asgi-synth-" + sha256(self.directory.encode()).hexdigest()[:8]
        self.webroot = os.path.join(self.scratch, "webroot")
        self.asked = self.directory + " " + " ".join(self.hosts)

    def command(self):
        folder = os.path.join
        return [
            *("certbot", "certonly", "--non-interactive", "--agree-tos", "--email", self.email, "--server", self.directory),
            *("--webroot", "--webroot-path", self.webroot, "--preferred-challenges", "http", "--cert-name", self.name),
            *("--keep-until-expiring", "--renew-with-new-domains", "--max-log-backups", "2"),
            *("--config-dir", folder(self.state, "certbot"), "--work-dir", folder(self.scratch, "work")),
            *("--logs-dir", folder(self.scratch, "logs")),
            *(word for host in self.hosts for word in ("--domain", host)),
        ]


class Store:
    """What outlives this process."""

    def __init__(self, plan):
        self.plan, self.pair = plan, os.path.join(plan.state, "pair.pem")
        self.refusal = os.path.join(plan.state, "refused.json")
        self.live = os.path.join(plan.state, "certbot", "live", plan.name)
        for folder in (plan.state, plan.scratch, plan.webroot):
            os.makedirs(folder, mode=0o700, exist_ok=True)

    def publish(self):
        """Puts what certbot has got where edges find it. Whether there was anything new."""
        texts = [read(os.path.join(self.live, name)) for name in ("privkey.pem", "fullchain.pem")]
        if None in texts or b"".join(texts) == read(self.pair):
            return False
        beside = self.pair + ".new"
        write(beside, b"".join(texts))
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(beside)
        except (ssl.SSLError, ValueError):
            # certbot replaces one file after the other.
            return False
        os.replace(beside, self.pair)
        return True

    def validity(self):
        """From when until when the certificate holds, in seconds since 1970; None where there is none."""
        ran = openssl("x509", "-noout", "-startdate", "-enddate", "-in", self.pair)
        dates = re.findall(r"^not(?:Before|After)=(.+)$", ran.stdout.decode(), re.M)
        return [ssl.cert_time_to_seconds(date) for date in dates] if len(dates) == 2 else None

    def bundle(self):
        """The pair under the token; None where there is no pair."""
        words = ("-in", self.pair, "-inkey", self.pair, "-passout", "file:" + self.plan.token, "-iter", "100000")
        ran = openssl("pkcs12", "-export", *words)
        return ran.stdout if ran.returncode == 0 and os.path.exists(self.pair) else None

    def refused(self):
        """How often in a row the authority refused what is asked now, when the last time, and why."""
        try:
            found = json.loads(read(self.refusal) or b"{}")
        except ValueError:
            found = {}
        return found if found.get("asked") == self.plan.asked else {"count": 0, "at": 0, "why": ""}

    def refuse(self, why, now):
        count = self.refused()["count"] + 1
        write(self.refusal, json.dumps({"asked": self.plan.asked, "count": count, "at": now, "why": why}).encode())

    def accept(self):
        if os.path.exists(self.refusal):
            os.remove(self.refusal)


class Keeper:
    """Asks the authority when it is time."""

    def __init__(self, plan, store, server):
        self.plan, self.store, self.server = plan, store, server
        self.child, self.ends, self.since = None, 0, None
        refused = store.refused()
        self.next = self.again(refused) if refused["count"] else 0

    def again(self, refused):
        return refused["at"] + AGAIN[min(refused["count"], len(AGAIN)) - 1] * random.uniform(1, 1.1)

    def run(self):
        self.publish(first=True)
        while True:
            if self.child is None and time.time() >= self.next:
                self.begin()
            received = signal.sigtimedwait(WATCHED, self.pause())
            if received and received.si_signo in (signal.SIGTERM, signal.SIGINT):
                return self.stop()
            if received and received.si_signo == signal.SIGHUP:
                self.next = 0
            self.reap()
            self.publish()

    def pause(self):
        return LOOK if self.child else max(0.05, min(LOOK, self.next - time.time()))

    def begin(self):
        """What the authority asks would fail until the edges pass it on, and it counts failures."""
        answering, silent = self.server.passed_on_by(self.plan)
        self.since = self.since or time.time()
        if not answering or (silent and time.time() < self.since + PATIENCE):
            self.next = time.time() + 1
            return self.tell("waits for {} to pass on what is asked below {}".format(self.plan.edge[0], CHALLENGES))
        self.tell("asks {} about {}".format(self.plan.directory, ", ".join(self.plan.hosts)))
        self.since, self.ends = None, time.time() + LONGEST_RUN
        with open(os.path.join(self.plan.scratch, "said"), "wb") as said:
            actions = [(os.POSIX_SPAWN_DUP2, said.fileno(), 1), (os.POSIX_SPAWN_DUP2, said.fileno(), 2)]
            environment = {**os.environ, "HOME": self.plan.scratch}
            command, defaults = self.plan.command(), signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}
            try:
                self.child = os.posix_spawnp(
                    command[0], command, environment, file_actions=actions, setsigmask=[], setsigdef=defaults
                )
            except OSError as error:
                self.end("certbot cannot be started: {}".format(error.strerror))

    def reap(self):
        if self.child is None:
            return
        if time.time() > self.ends:
            os.kill(self.child, signal.SIGKILL)
        pid, status = os.waitpid(self.child, os.WNOHANG)
        if pid == 0:
            return
        self.child = None
        said = (read(os.path.join(self.plan.scratch, "said")) or b"").decode(errors="replace")
        self.end(None if status == 0 else cause(said))

    def end(self, why):
        now = time.time()
        if why is None:
            self.store.accept()
            self.store.publish()
            self.publish(first=True)
            self.next = now + self.period() * random.uniform(0.8, 1)
        else:
            self.store.refuse(why, now)
            self.next = self.again(self.store.refused())
            held = self.held("has no certificate yet")
            self.tell("{}, and gets none: {}; asks again at {}".format(held, why, show(self.next)))

    def period(self):
        """Certificates that hold for a day alone are renewed in time as well."""
        began, ends = self.store.validity() or (0, 0)
        return min(self.plan.every, max(10, (ends - began) / 8)) if ends else self.plan.every

    def publish(self, first=False):
        if self.store.publish() or first:
            self.server.bundle = self.store.bundle() if self.plan.token else None
            if first or self.child is None:
                self.tell(self.held("has no certificate yet"))

    def held(self, otherwise):
        validity = self.store.validity()
        return "has a certificate until " + show(validity[1]) if validity else otherwise

    def tell(self, status):
        if status != self.server.status:
            say(status)
        self.server.status = status

    def stop(self):
        if self.child is not None:
            os.kill(self.child, signal.SIGTERM)
            os.waitpid(self.child, 0)
        return 0


class Server(ThreadingHTTPServer):
    """Answers edges and, through them, the authority."""

    daemon_threads = True

    def __init__(self, plan):
        self.webroot, self.status, self.bundle = plan.webroot, "starts", None
        self.probe = secrets.token_hex(16)
        super().__init__(("", plan.port), Handler)

    def answer(self, path):
        if path == "/status":
            return self.status.encode() + b"\n"
        if path == "/certificate.p12":
            return self.bundle
        if path == CHALLENGES + PROBE:
            return self.probe.encode()
        # A name of base64url alone, so that it leads nowhere else.
        match = re.fullmatch(re.escape(CHALLENGES) + r"([A-Za-z0-9_-]{1,256})", path)
        return match and read(self.webroot + CHALLENGES + match[1])

    def passed_on_by(self, plan):
        """The addresses of the edge that lead here, and those that do not."""
        try:
            # nginx of ours listens on no other kind of address.
            found = socket.getaddrinfo(*plan.edge, family=socket.AF_INET, type=socket.SOCK_STREAM)
        except OSError:
            found = []
        lists = [], []
        for address in sorted({one[4][0] for one in found}):
            lists[0 if self.leads_here(address, plan) else 1].append(address)
        return lists

    def leads_here(self, address, plan):
        connection = HTTPConnection(address, plan.edge[1], timeout=3)
        try:
            connection.request("GET", CHALLENGES + PROBE, headers={"Host": plan.hosts[0]})
            return connection.getresponse().read(100) == self.probe.encode()
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()


class Handler(BaseHTTPRequestHandler):
    timeout = 10

    def do_GET(self):
        body = self.server.answer(self.path)
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def version_string(self):
        return "asgi-synth"

    def log_message(self, *_):
        if self.path.startswith(CHALLENGES) and not self.path.endswith(PROBE):
            say("was asked for {}".format(self.path))


def cause(said):
    """What certbot said of its failure, in one line."""
    found, host = [], ""
    for key, _, rest in (line.strip().partition(": ") for line in said.splitlines()):
        if key in ("Identifier", "Domain"):
            host = rest.strip()
        elif key == "Detail":
            found.append("{}: {}".format(host, rest.strip()))
    lines = [line.strip() for line in said.splitlines() if line.strip() and not NOISE.search(line)]
    return ("; ".join(found) or " ".join(lines[-3:]) or "certbot says nothing")[:1000]


NOISE = re.compile(r"^(Saving debug log|Ask for help|See the logfile|Account registered|Requesting a|Renewing an|An unexpected)|^- - -")


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return None


def write(path, content):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def openssl(*words):
    return subprocess.run(["openssl", *words], stdin=subprocess.DEVNULL, capture_output=True, check=False)


def show(moment):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))


def say(message):
    line = "".join(character if character.isprintable() else "?" for character in message)
    print("asgi-synth: acme: " + line, file=sys.stderr, flush=True)


def fail(status, message):
    say(message)
    sys.exit(status)


def main(words):
    if words[:1] == ["--health"]:
        with urllib.request.urlopen("http://127.0.0.1:{}/status".format(int(words[1])), timeout=3) as answer:
            return print(answer.read().decode().strip())
    plan = Plan(words)
    if plan.token and len((read(plan.token) or b"").partition(b"\n")[0]) < SHORTEST_TOKEN:
        fail(CONFIGURATION, "{} has no token of {} characters or more".format(plan.token, SHORTEST_TOKEN))
    signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
    server = Server(plan)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return Keeper(plan, Store(plan), server).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
