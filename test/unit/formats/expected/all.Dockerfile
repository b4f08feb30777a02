# Made by asgi-synth from stacks/shop.ts.

FROM python:3.14.8-slim-trixie AS build
ARG VERSION="1.4 \$HOME \"x\" \\"
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends -- libpq5 libmagic1 \
    && rm -rf /var/lib/apt/lists/* /var/log/apt /var/log/dpkg.log /var/cache/ldconfig
WORKDIR /app
ENV UV_LINK_MODE=copy UV_NO_DEV=1 UV_PROJECT_ENVIRONMENT=/opt/venv UV_PYTHON=python3 UV_PYTHON_DOWNLOADS=never
RUN python3 -m venv /opt/build && python3 -m venv --without-pip /opt/venv
RUN --mount=type=cache,target=/root/.cache \
    --mount=type=secret,id=UV_INDEX_PRIVATE_PASSWORD,required=true \
    --mount=type=secret,id=netrc,required=true,target=/root/.netrc \
    UV_INDEX_PRIVATE_PASSWORD="$(cat /run/secrets/UV_INDEX_PRIVATE_PASSWORD)" /opt/build/bin/pip install uv==0.13.8
RUN --mount=type=cache,target=/root/.cache \
    --mount=type=bind,source=uv.lock,target=/app/uv.lock \
    --mount=type=bind,source=pyproject.toml,target=/app/pyproject.toml \
    --mount=type=secret,id=UV_INDEX_PRIVATE_PASSWORD,required=true \
    --mount=type=secret,id=netrc,required=true,target=/root/.netrc \
    UV_INDEX_PRIVATE_PASSWORD="$(cat /run/secrets/UV_INDEX_PRIVATE_PASSWORD)" /opt/build/bin/uv sync --locked
RUN python3 -m compileall -qq -j 0 --invalidation-mode unchecked-hash /opt/venv || true
COPY . .
RUN python3 -m compileall -qq -j 0 --invalidation-mode checked-hash /app || true
RUN chmod -R u=rwX,go=rX /app

FROM python:3.14.8-slim-trixie
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends -- libpq5 libmagic1 \
    && rm -rf /var/lib/apt/lists/* /var/log/apt /var/log/dpkg.log /var/cache/ldconfig
RUN library="$(python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')" \
    && python3 -m compileall -qq -j 0 --invalidation-mode unchecked-hash \
        -x '/(test|tests|idlelib|lib2to3|tkinter|turtledemo|ensurepip|site-packages|dist-packages)/' "$library" || true
RUN echo 'app:x:10001:10001::/tmp:/usr/sbin/nologin' >> /etc/passwd && echo 'app:x:10001:' >> /etc/group
RUN ["install", "-d", "-o", "10001", "-g", "10001", "--", "/data"]
ENV HOME=/tmp PATH=/opt/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONFAULTHANDLER=1 PYTHONUNBUFFERED=1
ENV PYTHONPATH=/app/src
WORKDIR /app
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app/ /app/
USER 10001:10001
EXPOSE 8000
# The stack says how to check a container: a one-off command of this image must not be ended for not serving.
HEALTHCHECK NONE
CMD ["uvicorn", "shop.main:create", "--factory", "--host", "0.0.0.0", "--port", "8000"]
