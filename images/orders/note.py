"""Writes down that something has happened, as a migration or a job of the night would leave its traces: note.py release|tick"""

import asyncio
import os
import sys
import time

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine


async def note(kind: str, what: str) -> None:
    database = create_async_engine(os.environ["DATABASE_URL"])
    async with database.begin() as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(2)"))
        await connection.execute(text("CREATE TABLE IF NOT EXISTS notes (id bigserial PRIMARY KEY, kind text, what text)"))
        await connection.execute(text("INSERT INTO notes (kind, what) VALUES (:kind, :what)"), {"kind": kind, "what": what})
    await database.dispose()


if __name__ == "__main__":
    kind = sys.argv[1]
    if os.environ.get("FAILING") == kind:
        print(f"the {kind} does not want to be noted", file=sys.stderr)
        sys.exit(3)
    asyncio.run(note(kind, os.environ["VERSION"] if kind == "release" else str(int(time.time() // 60))))
