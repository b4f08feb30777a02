# Made by asgi-synth from stacks/shop.ts.

FROM python:3.14.8-slim-trixie AS build
WORKDIR /app
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 POETRY_NO_INTERACTION=1 VIRTUAL_ENV=/opt/venv
RUN python3 -m venv /opt/build && python3 -m venv --without-pip /opt/venv
RUN --mount=type=cache,target=/root/.cache \
    /opt/build/bin/pip install poetry==2.5.1 poetry-plugin-export==1.10.1
RUN --mount=type=cache,target=/root/.cache \
    --mount=type=bind,source=poetry.lock,target=/app/poetry.lock \
    --mount=type=bind,source=pyproject.toml,target=/app/pyproject.toml \
    /opt/build/bin/poetry export --only main --with-credentials --output /tmp/locked.txt \
    && awk '/^[^ ]/ { chosen = !/^(-e |[^ ]+ @ )/ } chosen' /tmp/locked.txt > /tmp/chosen.txt \
    && /opt/build/bin/pip --python /opt/venv/bin/python install --quiet --no-compile --no-deps --require-hashes -r /tmp/chosen.txt \
    && rm /tmp/locked.txt /tmp/chosen.txt
RUN /opt/build/bin/pip --python /opt/venv/bin/python list --format=freeze > /opt/build/constraints.txt
RUN --mount=type=cache,target=/root/.cache \
    /opt/build/bin/pip --python /opt/venv/bin/python install --no-compile -c /opt/build/constraints.txt gunicorn==27.0.1 uvicorn-worker==0.4.0
RUN python3 -m compileall -qq -j 0 --invalidation-mode unchecked-hash /opt/venv || true
COPY . .
RUN --mount=type=cache,target=/root/.cache \
    /opt/build/bin/poetry export --only main --with-credentials --output /tmp/locked.txt \
    && awk '/^[^ ]/ { chosen = /^(--|-e |[^ ]+ @ file:.*[^\\]$)/ } chosen' /tmp/locked.txt > /tmp/chosen.txt \
    && /opt/build/bin/pip --python /opt/venv/bin/python install --quiet --no-compile --no-deps -r /tmp/chosen.txt \
    && rm /tmp/locked.txt /tmp/chosen.txt \
    && /opt/build/bin/poetry install --only main
RUN python3 -m compileall -qq -j 0 --invalidation-mode unchecked-hash /opt/venv || true
RUN python3 -m compileall -qq -j 0 --invalidation-mode checked-hash /app || true
RUN chmod -R u=rwX,go=rX /app

FROM python:3.14.8-slim-trixie
RUN library="$(python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')" \
    && python3 -m compileall -qq -j 0 --invalidation-mode unchecked-hash \
        -x '/(test|tests|idlelib|lib2to3|tkinter|turtledemo|ensurepip|site-packages|dist-packages)/' "$library" || true
RUN echo 'app:x:10001:10001::/tmp:/usr/sbin/nologin' >> /etc/passwd && echo 'app:x:10001:' >> /etc/group
ENV HOME=/tmp PATH=/opt/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONFAULTHANDLER=1 PYTHONUNBUFFERED=1
WORKDIR /app
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app/ /app/
USER 10001:10001
EXPOSE 8000
# The stack says how to check a container: a one-off command of this image must not be ended for not serving.
HEALTHCHECK NONE
CMD ["gunicorn", "main:app", "-b", "0.0.0.0:8000", "-k", "uvicorn_worker.UvicornWorker", "--worker-tmp-dir", "/dev/shm", "--no-control-socket"]
