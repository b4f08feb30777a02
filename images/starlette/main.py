"""A Starlette application that tells what it sees: who asks, which process answers, what the container gave it."""

import asyncio
import hashlib
import json
import os
import time
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

import container
from container import log, sha256

STARTED = time.time()


@asynccontextmanager
async def lifespan(app: Starlette):
    log("starting")
    await asyncio.sleep(float(os.environ.get("STARTUP_SECONDS", "0")))
    if os.environ.get("FAIL_STARTUP"):
        raise RuntimeError("FAIL_STARTUP is set")
    log("started")
    yield
    log("stopped")


async def root(request: Request):
    version = os.environ.get("VERSION", "1")
    return JSONResponse({"app": "starlette", "version": version, **container.identity(STARTED)})


async def liveness(request: Request):
    return health("liveness")


async def readiness(request: Request):
    return health("readiness")


def health(kind: str) -> JSONResponse:
    healthy = container.is_healthy(kind)
    return JSONResponse({"healthy": healthy, "pid": os.getpid()}, 200 if healthy else 503)


async def client(request: Request):
    return JSONResponse(
        {
            "client": request.client.host if request.client else None,
            "port": request.client.port if request.client else None,
            "scheme": request.url.scheme,
            "host": request.headers.get("host"),
            "url": str(request.url),
            "path": request.url.path,
            "root_path": request.scope.get("root_path", ""),
            "headers": {name: ", ".join(request.headers.getlist(name)) for name in request.headers},
            "pid": os.getpid(),
        }
    )


async def environment(request: Request):
    name = request.path_params["name"]
    if not container.is_public(name):
        return JSONResponse({"detail": "only variables named TEST_… are told"}, 404)
    return JSONResponse({"name": name, "value": os.environ.get(name)})


async def secret(request: Request):
    return JSONResponse(container.secret(request.path_params["name"]))


async def slow(request: Request):
    seconds = float(request.query_params.get("seconds", "1"))
    await asyncio.sleep(seconds)
    return JSONResponse({"slept": seconds, "pid": os.getpid()})


async def block(request: Request):
    seconds = float(request.query_params.get("seconds", "1"))
    time.sleep(seconds)  # The event loop does nothing else meanwhile.
    return JSONResponse({"blocked": seconds, "pid": os.getpid()})


async def upload(request: Request):
    size, digest = 0, hashlib.sha256()
    async for chunk in request.stream():
        size += len(chunk)
        digest.update(chunk)
    return JSONResponse({"bytes": size, "sha256": digest.hexdigest(), "pid": os.getpid()})


async def echo(request: Request):
    body, name = await request.body(), request.query_params.get("id")
    count = container.count_up(name) if name else None
    await asyncio.sleep(float(request.query_params.get("seconds", "0")))
    text = body.decode("utf-8", "replace")
    return JSONResponse({"body": text, "sha256": sha256(body), "count": count, "pid": os.getpid()})


async def count(request: Request):
    name = request.query_params["id"]
    return JSONResponse({"id": name, "count": container.counted(name)})


async def ws(websocket: WebSocket):
    await websocket.accept()
    try:
        while True:
            await websocket.send_json({"echo": await websocket.receive_text(), "pid": os.getpid()})
    except WebSocketDisconnect:
        pass


async def sse(request: Request):
    events = int(request.query_params.get("events", "3"))
    interval = float(request.query_params.get("interval", "1"))

    async def stream():
        for number in range(events):
            yield f"data: {json.dumps({'number': number, 'pid': os.getpid()})}\n\n"
            await asyncio.sleep(interval)

    return StreamingResponse(stream(), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def redirect(request: Request):
    return RedirectResponse(str(request.url_for("client")))


async def slash(request: Request):
    """Asked for without the slash, the framework redirects here with an absolute address."""
    return JSONResponse({"slash": True, "pid": os.getpid()})


async def file(request: Request):
    name = request.query_params.get("name", "file")
    if request.method == "PUT":
        return JSONResponse(container.write_file(name, await request.body()))
    return JSONResponse(container.read_file(name))


async def crash(request: Request):
    log("crashes")
    os._exit(int(request.query_params.get("status", "1")))


async def memory(request: Request):
    return JSONResponse(container.take_memory(int(request.query_params.get("mb", "1"))))


async def unhealthy(request: Request):
    """Every process of this container answers its health checks with 503 from now on, or with 200 again."""
    healthy = request.query_params.get("healthy") == "true"
    container.set_healthy(healthy)
    return JSONResponse({"healthy": healthy})


async def processes(request: Request):
    return JSONResponse(container.processes())


app = Starlette(
    lifespan=lifespan,
    routes=[
        Route("/", root),
        Route("/healthz", liveness),
        Route("/readyz", readiness),
        Route("/client", client),
        Route("/environment/{name}", environment),
        Route("/secret/{name}", secret),
        Route("/slow", slow),
        Route("/block", block),
        Route("/upload", upload, methods=["POST"]),
        Route("/echo", echo, methods=["POST"]),
        Route("/count", count),
        WebSocketRoute("/ws", ws),
        Route("/sse", sse),
        Route("/redirect", redirect),
        Route("/slash/", slash),
        Route("/file", file, methods=["GET", "PUT"]),
        Route("/crash", crash, methods=["GET", "POST"]),
        Route("/memory", memory),
        Route("/unhealthy", unhealthy, methods=["POST"]),
        Route("/processes", processes),
    ],
)
