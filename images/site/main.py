"""A Starlette application that answers everything but its files: nginx does that."""

import os
import socket
import time
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse
from starlette.routing import Route

import collect

STARTED = time.time()
# Read once at the start, as most applications do.
ASSETS = [f"/assets/{name}" for name in collect.names().values()]
TITLE = Path(os.environ["TITLE_FILE"]).read_text() if "TITLE_FILE" in os.environ else "site"


async def root(request: Request):
    return JSONResponse({"app": "site", "pid": os.getpid(), "host": socket.gethostname(), "started": STARTED})


async def page(request: Request):
    scripts = "".join(f'<script src="{asset}"></script>' for asset in ASSETS)
    return HTMLResponse(f"<title>{TITLE}</title>{scripts}")


async def tenant(request: Request):
    return JSONResponse({"tenant": request.headers.get("x-tenant")})


async def health(request: Request):
    return PlainTextResponse("ok")


async def unexpected(request: Request):
    return PlainTextResponse("the app was asked for a file", 500)


app = Starlette(
    routes=[
        Route("/", root),
        Route("/page", page),
        Route("/tenant", tenant),
        Route("/healthz", health),
        Route("/static/{path:path}", unexpected),
        Route("/assets/{path:path}", unexpected),
    ]
)
