"""A Starlette application that answers everything but its files: nginx does that."""

import os
import socket
import time

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

STARTED = time.time()


async def root(request: Request):
    return JSONResponse({"app": "site", "pid": os.getpid(), "host": socket.gethostname(), "started": STARTED})


async def tenant(request: Request):
    return JSONResponse({"tenant": request.headers.get("x-tenant")})


async def health(request: Request):
    return PlainTextResponse("ok")


async def unexpected(request: Request):
    return PlainTextResponse("the app was asked for a file", 500)


app = Starlette(
    routes=[
        Route("/", root),
        Route("/tenant", tenant),
        Route("/healthz", health),
        Route("/static/{path:path}", unexpected),
        Route("/assets/{path:path}", unexpected),
    ]
)
