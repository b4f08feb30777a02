"""JSON lines for the logs of Uvicorn, Gunicorn and the app that they run. Part of asgi-synth.

logging.json, which `--log-config` of Uvicorn and `logconfig_json` of Gunicorn take, runs this file and uses JsonFormatter.
A record is one line with `time`, `level`, `logger` and `message`; with `request_id` in a request that came with X-Request-ID;
with `client`, `method`, `uri` and `status` where it is of the access log; with `exception`, `stack` and what was given as
`extra`, where there is any. The standard library is enough for it.
"""

import contextvars
import datetime
import json
import logging
import sys

MODULE = "asgi_synth_logs"
REQUEST_ID = contextvars.ContextVar(MODULE + ".request_id", default=None)
LONGEST_ID = 128

ACCESS = ("client", "method", "uri", "http_version", "status")
STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


class JsonFormatter(logging.Formatter):
    def format(self, record):
        line = {**about(record), **details(self, record)}
        extra = {key: value for key, value in vars(record).items() if key not in STANDARD and key not in line}
        try:
            return json.dumps({**line, **extra}, default=str, allow_nan=False)
        except (TypeError, ValueError, RecursionError):
            # JSON has no such numbers, keys and circles.
            return json.dumps({**line, **{key: repr(value) for key, value in extra.items()}}, default=str)


def about(record):
    created = datetime.datetime.fromtimestamp(record.created, datetime.timezone.utc)
    line = {
        "time": created.isoformat(timespec="milliseconds"),
        "level": record.levelname,
        "logger": record.name,
        "message": record.getMessage().strip(),
    }
    if REQUEST_ID.get():
        line["request_id"] = REQUEST_ID.get()
    if record.name == "uvicorn.access" and isinstance(record.args, tuple) and len(record.args) == len(ACCESS):
        line.update(zip(ACCESS, record.args))
    return line


def details(formatter, record):
    line = {}
    if record.exc_info:
        line["exception"] = record.exc_text or formatter.formatException(record.exc_info)
    if record.stack_info:
        line["stack"] = formatter.formatStack(record.stack_info)
    return line


class RequestIds:
    """The app, which writes the id of a request into each record of it. What Uvicorn logs in its task belongs to it too."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        # Never taken back: each request has a task of its own, in which Uvicorn tells last of all how it failed.
        REQUEST_ID.set(request_id(scope))
        await self.app(scope, receive, send)


def request_id(scope):
    for name, value in scope.get("headers", ()):
        if name == b"x-request-id":
            return value.decode("latin-1")[:LONGEST_ID]
    return None


def give_ids():
    from uvicorn import Config

    load = Config.load

    def load_with_ids(config):
        load(config)
        config.loaded_app = RequestIds(config.loaded_app)

    Config.load = load_with_ids


# Gunicorn configures its logs anew at SIGHUP.
if MODULE not in sys.modules:
    sys.modules[MODULE] = sys.modules[__name__]
    give_ids()
