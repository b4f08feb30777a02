"""A FastAPI application that tells what it sees: who asks, which process answers, what the container gave it."""

import asyncio
import hashlib
import json
import os
import time
from contextlib import asynccontextmanager

from fastapi import FastAPI, HTTPException, Request, WebSocket, WebSocketDisconnect
from fastapi.responses import JSONResponse, RedirectResponse, StreamingResponse

import container
from container import log, sha256

STARTED = time.time()
# A version that does not come up: import, hang or unhealthy.
BROKEN = os.environ.get("BROKEN")

if BROKEN == "import":
    raise RuntimeError("this version cannot be imported")


@asynccontextmanager
async def lifespan(app: FastAPI):
    log("starting")
    await asyncio.sleep(float(os.environ.get("STARTUP_SECONDS", "0")))
    if os.environ.get("FAIL_STARTUP"):
        raise RuntimeError("FAIL_STARTUP is set")
    if BROKEN == "hang":
        await asyncio.sleep(3600)
    log("started")
    yield
    log("stopped")


app = FastAPI(title="fastapi", lifespan=lifespan)


@app.get("/")
async def root():
    return {"app": "fastapi", "version": os.environ.get("VERSION", "1"), **container.identity(STARTED)}


@app.get("/healthz")
async def liveness():
    return health("liveness")


@app.get("/readyz")
async def readiness():
    return health("readiness")


def health(kind: str) -> JSONResponse:
    healthy = container.is_healthy(kind) and BROKEN != "unhealthy"
    return JSONResponse({"healthy": healthy, "pid": os.getpid()}, 200 if healthy else 503)


@app.get("/client")
async def client(request: Request):
    return {
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


@app.get("/environment/{name}")
async def environment(name: str):
    if not container.is_public(name):
        raise HTTPException(404, "only variables named TEST_… are told")
    return {"name": name, "value": os.environ.get(name)}


@app.get("/secret/{name}")
async def secret(name: str):
    return container.secret(name)


@app.get("/slow")
async def slow(seconds: float = 1):
    await asyncio.sleep(seconds)
    return {"slept": seconds, "pid": os.getpid()}


@app.get("/block")
async def block(seconds: float = 1):
    time.sleep(seconds)  # The event loop does nothing else meanwhile.
    return {"blocked": seconds, "pid": os.getpid()}


@app.post("/upload")
async def upload(request: Request):
    size, digest = 0, hashlib.sha256()
    async for chunk in request.stream():
        size += len(chunk)
        digest.update(chunk)
    return {"bytes": size, "sha256": digest.hexdigest(), "pid": os.getpid()}


@app.post("/echo")
async def echo(request: Request, id: str = "", seconds: float = 0):
    body = await request.body()
    count = container.count_up(id) if id else None
    await asyncio.sleep(seconds)
    return {"body": body.decode("utf-8", "replace"), "sha256": sha256(body), "count": count, "pid": os.getpid()}


@app.get("/count")
async def count(id: str):
    return {"id": id, "count": container.counted(id)}


@app.websocket("/ws")
async def ws(websocket: WebSocket):
    await websocket.accept()
    try:
        while True:
            await websocket.send_json({"echo": await websocket.receive_text(), "pid": os.getpid()})
    except WebSocketDisconnect:
        pass


@app.get("/sse")
async def sse(events: int = 3, interval: float = 1):
    async def stream():
        for number in range(events):
            yield f"data: {json.dumps({'number': number, 'pid': os.getpid()})}\n\n"
            await asyncio.sleep(interval)

    return StreamingResponse(stream(), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


@app.get("/redirect")
async def redirect(request: Request):
    return RedirectResponse(str(request.url_for("client")))


@app.get("/slash/")
async def slash():
    """Asked for without the slash, the framework redirects here with an absolute address."""
    return {"slash": True, "pid": os.getpid()}


@app.get("/file")
async def read_file(name: str = "file"):
    return container.read_file(name)


@app.put("/file")
async def write_file(request: Request, name: str = "file"):
    return container.write_file(name, await request.body())


@app.api_route("/crash", methods=["GET", "POST"])
async def crash(status: int = 1):
    log("crashes")
    os._exit(status)


@app.get("/memory")
async def memory(mb: int = 1):
    return container.take_memory(mb)


@app.post("/unhealthy")
async def unhealthy(healthy: bool = False):
    """Every process of this container answers its health checks with 503 from now on, or with 200 again."""
    container.set_healthy(healthy)
    return {"healthy": healthy}


@app.get("/processes")
async def processes():
    return container.processes()
