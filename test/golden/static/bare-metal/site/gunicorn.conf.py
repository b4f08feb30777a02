# Made by asgi-synth from stacks/static.ts. Do not edit: change the stack, then run
#   npx synth --stack stacks/static.ts --target bare-metal

import asyncio
import os
import sys
import time
from pathlib import Path
from signal import SIGTERM, signal

from uvicorn_worker import UvicornWorker

READY = Path("/tmp/asgi-synth-ready")
STARTUP_SECONDS = 60


class Worker(UvicornWorker):
    """A Uvicorn that ends in time, and says when it is ready."""

    CONFIG_KWARGS = {
        **UvicornWorker.CONFIG_KWARGS,
        "access_log": False,
        "forwarded_allow_ips": ["127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "::1", "fc00::/7"],
        "root_path": "",
        "server_header": False,
        "timeout_graceful_shutdown": 60,
        "ws_ping_interval": 20,
    }

    beat = None

    def init_process(self):
        # No heartbeat before the app has started: this one is good for as long as that may take.
        until = time.monotonic() + STARTUP_SECONDS
        os.utime(self.tmp.fileno(), (until, until))
        try:
            super().init_process()
        except (Exception, SystemExit) as error:
            if self.beat or getattr(error, "code", 1) == 0 or not any(READY.iterdir()):
                raise
            # Gunicorn would halt; those that still answer must not go down with one that could not be replaced.
            self.log.exception("worker could not start and is tried again; the others serve on")
            time.sleep(1)
            sys.exit(1)

    def init_signals(self):
        super().init_signals()
        # Uvicorn sends itself the signal again once it has ended: by default that kills before exit hooks run.
        signal(SIGTERM, self.handle_exit)

    def handle_exit(self, sig, frame):
        sys.exit(0)

    async def callback_notify(self):
        # Uvicorn calls this first when it answers, and no more while it drains; a blocked loop still stops the beat.
        if self.beat is None:
            self.beat = asyncio.create_task(self.keep_beating())
            marker(self).touch()

    async def keep_beating(self):
        while True:
            self.notify()
            await asyncio.sleep(1)


def marker(worker):
    return READY / str(worker.pid)


def on_starting(server):
    READY.mkdir(parents=True, exist_ok=True)
    for stale in READY.iterdir():
        stale.unlink()


def worker_exit(server, worker):
    marker(worker).unlink(missing_ok=True)


def child_exit(server, worker):
    # A killed worker could not do it itself.
    marker(worker).unlink(missing_ok=True)


bind = "0.0.0.0:8000"
worker_class = Worker
preload_app = False

# Seconds without a sign of life after which a worker is replaced: no limit of a request.
timeout = 30
graceful_timeout = 63
keepalive = 75

# Recycling loses requests, so that it is no default.
max_requests = 0

# The root is read-only, and a heartbeat must never wait for a disk.
worker_tmp_dir = "/dev/shm"
control_socket_disable = True
pidfile = None

# The edge writes the access log.
accesslog = None
errorlog = "-"
loglevel = "info"
