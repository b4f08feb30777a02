#!/bin/bash
# The base images `python` and `nginx`, the databases `postgres` and `redis`, and `certbot`, made from Debian packages and pushed to the lab's registry under their full versions.
#   images.sh fetch|up      fetch: the root folders only, which needs no engine
# For who builds on them they look like the official ones: same commands, same places, same start. In addition they trust what
# this machine trusts, so that pip works in a build behind a company's proxy.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"
WORK=$CACHE/images
RECIPE=$(sha256sum "$0" | cut -c 1-12)

mirror() { # the Debian mirror that this machine uses; without one mmdebstrap's own default
  # shellcheck disable=SC2016 # apt's own placeholders
  apt-get indextargets --format '$(REPO_URI) $(ORIGIN) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null | awk '$2 == "Debian" && $3 == "main" && $1 !~ /security/ {print $1; exit}'
}

root_folder() { # root_folder NAME SUITE PACKAGES
  local file=$WORK/$1-$RECIPE.tar
  [ -f "$file" ] && return
  say "making the root folder of $1 from Debian $2"
  # A company's mirror may lag; its signature is still checked.
  mmdebstrap --variant=minbase --include="$3" --aptopt='Acquire::Check-Valid-Until "false"' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    "$2" "$file.new.tar" ${MIRROR:+"$MIRROR"} 2>"$WORK/$1.log" >&2 || fail "mmdebstrap failed for $1: $WORK/$1.log: $(tail -n 4 "$WORK/$1.log")"
  mv "$file.new.tar" "$file"
}

fetch() {
  mkdir -p "$WORK"
  MIRROR=$(mirror || true)
  root_folder python trixie python3,python3-venv,python3-pip,ca-certificates
  root_folder nginx forky nginx,curl,ca-certificates
  root_folder postgres trixie postgresql-17
  root_folder redis trixie valkey-server
  root_folder certbot trixie certbot,openssl,ca-certificates
}

pip_configuration() {
  local key value
  echo '[global]'
  for key in index-url extra-index-url trusted-host; do
    value=$(python3 -m pip config get "global.$key" 2>/dev/null) && echo "$key = $value"
  done
  return 0
}

python_image() {
  cp /etc/ssl/certs/ca-certificates.crt "$1/ca.crt"
  pip_configuration >"$1/pip.conf"
  cat >"$1/Dockerfile" <<'T'
FROM lab-root
COPY ca.crt /etc/ssl/certs/ca-certificates.crt
COPY pip.conf /etc/pip.conf
RUN set -e; rm -f /usr/lib/python3*/EXTERNALLY-MANAGED; version=$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
    for name in python python3 "python$version"; do ln -s "/usr/bin/python$version" "/usr/local/bin/$name"; done; \
    for name in pip pip3; do ln -s /usr/bin/pip3 "/usr/local/bin/$name"; done
ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
    PIP_CERT=/etc/ssl/certs/ca-certificates.crt SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
CMD ["python3"]
T
}

nginx_image() {
  cat >"$1/nginx.conf" <<'T'
user nginx;
worker_processes auto;
error_log /var/log/nginx/error.log notice;
pid /run/nginx.pid;
events { worker_connections 1024; }
http {
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    access_log /var/log/nginx/access.log;
    sendfile on;
    keepalive_timeout 65;
    include /etc/nginx/conf.d/*.conf;
}
T
  cat >"$1/default.conf" <<'T'
server {
    listen 80;
    server_name localhost;
    location / { root /usr/share/nginx/html; index index.html; }
}
T
  cat >"$1/docker-entrypoint.sh" <<'T'
#!/bin/sh
set -e
for script in /docker-entrypoint.d/*.sh; do [ ! -x "$script" ] || "$script"; done
exec "$@"
T
  cat >"$1/Dockerfile" <<'T'
FROM lab-root
COPY nginx.conf default.conf docker-entrypoint.sh /tmp/
RUN set -e; groupadd --system --gid 101 nginx 2>/dev/null || groupmod --gid 101 nginx; \
    useradd --system --gid nginx --no-create-home --home /nonexistent --shell /bin/false --uid 101 nginx; \
    rm -rf /etc/nginx/sites-* /etc/nginx/modules-* /etc/nginx/snippets /etc/nginx/conf.d /var/lib/nginx; \
    mkdir -p /etc/nginx/conf.d /docker-entrypoint.d /var/cache/nginx /var/log/nginx; \
    ln -s /var/cache/nginx /var/lib/nginx; \
    ln -sf /dev/stdout /var/log/nginx/access.log; ln -sf /dev/stderr /var/log/nginx/error.log; \
    mv /tmp/nginx.conf /etc/nginx/nginx.conf; mv /tmp/default.conf /etc/nginx/conf.d/; \
    chmod 755 /tmp/docker-entrypoint.sh; mv /tmp/docker-entrypoint.sh /; nginx -t
EXPOSE 80
STOPSIGNAL SIGQUIT
ENTRYPOINT ["/docker-entrypoint.sh"]
CMD ["nginx", "-g", "daemon off;"]
T
}

# The newest that Debian has. Where the data are is up to who starts it, so that it stands for every major version.
postgres_image() {
  cat >"$1/docker-entrypoint.sh" <<'T'
#!/bin/bash
set -e
[ "${1:0:1}" != - ] || set -- postgres "$@"
if [ "$1" = postgres ] && [ ! -s "$PGDATA/PG_VERSION" ]; then
  mkdir -p "$PGDATA"
  chmod 0700 "$PGDATA"
  password=$(<"$POSTGRES_PASSWORD_FILE")
  initdb -D "$PGDATA" --username "$POSTGRES_USER" --pwfile <(printf '%s\n' "$password") --auth-local trust --auth-host scram-sha-256
  printf '\nhost all all all scram-sha-256\n' >>"$PGDATA/pg_hba.conf"
  pg_ctl -D "$PGDATA" -o "$(printf '%q ' "${@:2}" -c listen_addresses=)" -w start
  [ "$POSTGRES_DB" = postgres ] || createdb --username "$POSTGRES_USER" --no-password --maintenance-db postgres "$POSTGRES_DB"
  pg_ctl -D "$PGDATA" -m fast -w stop
fi
exec "$@"
T
  cat >"$1/Dockerfile" <<'T'
FROM lab-root
COPY docker-entrypoint.sh /usr/local/bin/
RUN set -e; chmod 755 /usr/local/bin/docker-entrypoint.sh; groupmod --gid 999 postgres; usermod --uid 999 --gid 999 --home /var/lib/postgresql postgres; \
    rm -rf /var/lib/postgresql /run/postgresql; install -d -o postgres -g postgres -m 1777 /var/lib/postgresql /var/lib/postgresql/data; \
    install -d -o postgres -g postgres -m 3777 /run/postgresql; \
    sed -i "s/^#listen_addresses = .*/listen_addresses = '*'/" /usr/share/postgresql/*/postgresql.conf.sample; \
    ln -s /usr/lib/postgresql/*/bin/* /usr/local/bin/ 2>/dev/null || true; postgres --version
ENV LANG=C.UTF-8 PGDATA=/var/lib/postgresql/17/docker
STOPSIGNAL SIGINT
EXPOSE 5432
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["postgres"]
T
}

# Valkey under both names, as the official image of Valkey has it.
redis_image() {
  cat >"$1/Dockerfile" <<'T'
FROM lab-root
RUN set -e; userdel valkey; groupadd --system --gid 999 redis; useradd --system --gid 999 --uid 999 --no-create-home redis; \
    for name in server cli check-rdb; do ln -s "/usr/bin/valkey-$name" "/usr/local/bin/redis-$name"; done; \
    install -d -o redis -g redis /data; redis-server --version
WORKDIR /data
EXPOSE 6379
CMD ["redis-server", "--protected-mode", "no"]
T
}

# Its volumes are those of the official image, which belong to root and stay behind when nobody mounts something there.
certbot_image() {
  cat >"$1/Dockerfile" <<'T'
FROM lab-root
RUN mkdir -p /etc/letsencrypt /var/lib/letsencrypt; certbot --version; openssl version
VOLUME /etc/letsencrypt /var/lib/letsencrypt
WORKDIR /opt/certbot
ENTRYPOINT ["certbot"]
T
}

# image NAME VERSION_COMMAND...: builds and pushes it, prints its reference
image() {
  local folder name=$1 version
  folder=$(mktemp -d "$WORK/build.XXXXXX")
  "${name}_image" "$folder"
  docker import "$WORK/$name-$RECIPE.tar" lab-root:latest >/dev/null
  DOCKER_BUILDKIT=0 docker build -q -t "lab-$name" "$folder" >"$WORK/$name-build.log" 2>&1 || fail "could not build the image $name: $(tail -n 5 "$WORK/$name-build.log")"
  version=$(docker run --rm --network none --entrypoint sh "lab-$name" -c "$2")
  [ -n "$version" ]
  for tag in "$version" ${3:+"$version$3"}; do
    docker tag "lab-$name" "$REGISTRY/$name:$tag"
    docker push -q "$REGISTRY/$name:$tag" >/dev/null
  done
  docker rmi lab-root "lab-$name" >/dev/null
  rm -rf "$folder"
  echo "$REGISTRY/$name:$version${3:-}"
}

in_registry() { # in_registry REFERENCE
  local path=${1#*/}
  [ -n "$1" ] && curl -fsS -o /dev/null -H 'Accept: application/vnd.docker.distribution.manifest.v2+json' "http://$REGISTRY/v2/${path%:*}/manifests/${path##*:}" 2>/dev/null
}

known() { sed -n "s/^LAB_$1=//p" "$WORK/env-$RECIPE" 2>/dev/null; }

all_in_registry() { # all_in_registry NAME...
  local name
  for name; do in_registry "$(known "$name")" || return 1; done
}

case ${1:-} in
  fetch) fetch ;;
  up)
    mkdir -p "$WORK" "$LAB/env"
    if [ -n "${ASGI_SYNTH_REGISTRY:-}" ]; then
      write_environment images "LAB_REGISTRY=$ASGI_SYNTH_REGISTRY" "LAB_PYTHON=${ASGI_SYNTH_PYTHON_IMAGE:-python:3.13-slim}" "LAB_NGINX=${ASGI_SYNTH_NGINX_IMAGE:-nginx:1.30}" \
        "LAB_POSTGRES=${ASGI_SYNTH_POSTGRES_IMAGE:-postgres:18}" "LAB_REDIS=${ASGI_SYNTH_REDIS_IMAGE:-redis:8}" \
        "LAB_CERTBOT=${ASGI_SYNTH_CERTBOT_IMAGE:-certbot/certbot:v5.8.0}"
      exit
    fi
    if ! all_in_registry PYTHON NGINX POSTGRES REDIS CERTBOT; then
      fetch
      # shellcheck disable=SC1091
      export "$(grep ^DOCKER_HOST= "$LAB/env/docker")"
      python=$(image python 'python -c "import platform; print(platform.python_version())"' -slim)
      nginx=$(image nginx 'nginx -v 2>&1 | sed s,.*/,, | cut -d" " -f1')
      postgres=$(image postgres 'postgres --version | grep -o "[0-9.]*" | head -n 1')
      redis=$(image redis 'redis-server --version | sed "s/.*v=//; s/ .*//"')
      certbot=$(image certbot 'certbot --version | sed "s/.* //"')
      printf '%s\n' "LAB_PYTHON=$python" "LAB_NGINX=$nginx" "LAB_POSTGRES=$postgres" "LAB_REDIS=$redis" "LAB_CERTBOT=$certbot" >"$WORK/env-$RECIPE"
      rm -f "$WORK"/*.tar
    fi
    write_environment images "LAB_REGISTRY=$REGISTRY" "LAB_PYTHON=$(known PYTHON)" "LAB_NGINX=$(known NGINX)" "LAB_POSTGRES=$(known POSTGRES)" "LAB_REDIS=$(known REDIS)" "LAB_CERTBOT=$(known CERTBOT)" ;;
  *) sed -n 2,5p "$0" >&2; exit 2 ;;
esac
