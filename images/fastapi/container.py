"""What a process can tell of the container that it runs in. Needs no framework."""

import hashlib
import os
import re
import socket
import sys
from pathlib import Path

DATA = Path(os.environ.get("DATA", "/data"))
SECRETS = Path(os.environ.get("SECRETS", "/run/secrets"))
COUNTS = Path(os.environ.get("COUNTS", "/tmp/counts"))
JOURNAL = os.environ.get("JOURNAL")
UNHEALTHY = Path("/tmp/unhealthy")

taken: list[bytearray] = []


def log(event: str) -> None:
    print(f"{event} pid={os.getpid()} version={os.environ.get('VERSION', '1')}", file=sys.stderr, flush=True)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def identity(started: float) -> dict:
    return {"pid": os.getpid(), "ppid": os.getppid(), "host": socket.gethostname(), "started": started}


def is_healthy(kind: str) -> bool:
    """UNHEALTHY is `1` for all checks, or names the one that fails."""
    return os.environ.get("UNHEALTHY") not in ("1", kind) and not UNHEALTHY.exists()


def set_healthy(healthy: bool) -> None:
    UNHEALTHY.unlink(missing_ok=True) if healthy else UNHEALTHY.touch()


def is_public(name: str) -> bool:
    return name.startswith("TEST_") or name in ("VERSION", "LOG_LEVEL", "WEB_CONCURRENCY", "HOME")


def secret(name: str) -> dict:
    """Digests alone: a secret is never told."""
    variable = os.environ.get(plain(name).upper())
    found = {"variable_sha256": None if variable is None else sha256(os.fsencode(variable)), "uid": os.getuid()}
    try:
        return {"readable": True, "sha256": sha256((SECRETS / plain(name)).read_bytes()), **found}
    except OSError as problem:
        return {"readable": False, "sha256": None, "error": problem.strerror, **found}


def count_up(name: str) -> int:
    """Counts over all processes that share COUNTS, so that a request executed twice shows; in JOURNAL over all containers instead."""
    if JOURNAL:
        host, _, port = JOURNAL.rpartition(":")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as journal:
            journal.sendto(name.encode(), (host, int(port)))
        return counted(name)
    COUNTS.mkdir(parents=True, exist_ok=True)
    with open(COUNTS / plain(name), "ab", buffering=0) as file:
        file.write(b".")
    return counted(name)


def counted(name: str) -> int:
    path = COUNTS / plain(name)
    return path.stat().st_size if path.exists() else 0


def read_file(name: str) -> dict:
    path = DATA / plain(name)
    return {"name": name, "content": path.read_text() if path.exists() else None}


def write_file(name: str, content: bytes) -> dict:
    (DATA / plain(name)).write_bytes(content)
    return {"name": name, "bytes": len(content)}


def take_memory(mb: int) -> dict:
    """Holds that much memory for good: `bytearray` touches every page of it."""
    taken.append(bytearray(os.urandom(4096) * (mb * 256)))
    return {"mb": sum(len(block) for block in taken) >> 20, "pid": os.getpid()}


def processes() -> list[dict]:
    found = []
    for folder in sorted(Path("/proc").glob("[0-9]*"), key=lambda path: int(path.name)):
        try:
            command = (folder / "cmdline").read_bytes().rstrip(b"\0").replace(b"\0", b" ")
        except OSError:
            continue
        found.append({"pid": int(folder.name), "command": command.decode("utf-8", "replace")})
    return found


def plain(name: str) -> str:
    """`name` as that of one file, not of a path."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", name)
