"""A FastAPI application that counts the orders it takes, and logs each of them."""

import hashlib
import logging
import os
import socket
import time
from contextlib import asynccontextmanager

from fastapi import FastAPI, Header, Response
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Gauge, generate_latest, multiprocess

STARTED = time.time()

log = logging.getLogger("observed")
orders = Counter("orders", "Orders that were taken.")
processes = Gauge("processes", "Processes that answer.", multiprocess_mode="livesum")


@asynccontextmanager
async def lifespan(app: FastAPI):
    processes.set(1)
    yield


app = FastAPI(title="observed", lifespan=lifespan)


@app.get("/")
async def root():
    version = os.environ.get("VERSION", "1")
    return {"app": "observed", "version": version, "host": socket.gethostname(), "pid": os.getpid(), "started": STARTED}


@app.get("/healthz")
async def healthz():
    return {"status": "ok"}


@app.get("/metrics")
def metrics():
    # With several processes behind one port, whichever is asked tells what all of them have counted.
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


@app.post("/orders")
def order(item: str, x_request_id: str | None = Header(None)):
    # Not async: it runs in another thread, where the id of the request must be known all the same.
    orders.inc()
    log.info("order taken", extra={"item": item})
    return {"pid": os.getpid(), "request_id": x_request_id}


@app.get("/fail")
async def fail():
    raise RuntimeError("asked to fail")


@app.get("/environment/{name}")
async def environment(name: str):
    value = os.environ.get(name)
    # What may be a secret is not told.
    if value is not None and name.endswith(("_DSN", "_HEADERS")):
        return {"sha256": hashlib.sha256(value.encode()).hexdigest()}
    return {"value": value}
