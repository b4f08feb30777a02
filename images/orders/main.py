"""A FastAPI application that keeps what it is told in a database, counts in a Redis, and has mails sent by Celery."""

import os
import socket
import time
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

from tasks import mail

STARTED = time.time()

database = create_async_engine(os.environ["DATABASE_URL"], pool_size=5, max_overflow=0, pool_pre_ping=True)
# A connection that was closed while nobody used it is made anew.
cache = Redis.from_url(os.environ.get("REDIS_URL", "redis://127.0.0.1"), health_check_interval=1, retry=Retry(ExponentialBackoff(), 3))


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with database.begin() as connection:
        # Several processes start at once, and IF NOT EXISTS alone does not keep them apart.
        await connection.execute(text("SELECT pg_advisory_xact_lock(1)"))
        await connection.execute(text("CREATE TABLE IF NOT EXISTS orders (id bigserial PRIMARY KEY, item text NOT NULL)"))
    yield
    await cache.aclose()
    await database.dispose()


app = FastAPI(title="orders", lifespan=lifespan)


@app.get("/")
async def root():
    return {"app": "orders", "version": os.environ.get("VERSION", "1"), "pid": os.getpid(), "host": socket.gethostname(), "started": STARTED}


@app.get("/healthz")
async def liveness():
    """No database in here: a restart of the app would not bring one back."""
    return {"healthy": True}


@app.get("/readyz")
async def readiness():
    try:
        async with database.connect() as connection:
            await connection.execute(text("SELECT 1"))
    except (SQLAlchemyError, OSError):
        return JSONResponse({"healthy": False}, 503)
    return {"healthy": True}


@app.post("/orders")
async def order(item: str):
    async with database.begin() as connection:
        result = await connection.execute(text("INSERT INTO orders (item) VALUES (:item) RETURNING id"), {"item": item})
        return {"id": result.scalar_one(), "item": item}


@app.get("/orders")
async def orders():
    async with database.connect() as connection:
        result = await connection.execute(text("SELECT item FROM orders ORDER BY id"))
        return {"items": list(result.scalars())}


@app.post("/visits")
async def visit():
    return {"visits": await cache.incr("visits")}


@app.post("/mails")
def send(item: str):
    mail.delay(item)
    return {"queued": item}


@app.get("/notes/{kind}")
async def notes(kind: str):
    """What note.py and tasks.py have written down of a kind, oldest first."""
    async with database.connect() as connection:
        result = await connection.execute(text("SELECT what FROM notes WHERE kind = :kind ORDER BY id"), {"kind": kind})
        return {"notes": list(result.scalars())}
