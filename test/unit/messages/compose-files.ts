import type { Case } from './case.js';

const LOCK = 'fastapi==0.165.0\nstarlette==1.10.0\nh11==0.16.0\nuvicorn==0.54.0\nhttptools==0.9.0\nuvloop==0.23.0\n';
const MAIN = 'from fastapi import FastAPI\n\napp = FastAPI()\n';

const SHOP = `include: [other.yaml]
services:
  api:
    build: .
    command: sh -c 'wait-for-it db:5432 && uvicorn main:app --root-path "/a b"'
    extends: { file: base.yaml, service: api }
    env_file: [missing.env]
    environment:
      UVICORN_HOST: 0.0.0.0
      my.name: shop
      STRIPE_API_key: sk_live_canary4Jx81mZ
      SENTRY_DSN: https://a@sentry.example.com/1
      DATABASE_URL: postgresql+pg8000://shop:canary@db/shop
      OTHER_URL: postgresql://admin:canary@db/orders
    labels:
      traefik.http.routers.api.rule: Method(\`GET\`)
      traefik.http.routers.other.rule: Host(\`\${HOST}\`) && PathPrefix(\`/shop\`)
      caddy: shop.example.com
      team: storefront
    ports: ['8000', '8000:8000']
    volumes:
      - /app/.venv
      - 'data:/da ta'
      - nfs:/data
      - /var/run/docker.sock:/var/run/docker.sock
    configs: [settings]
    healthcheck: { test: [CMD, 'true'] }
    depends_on: { setup: { condition: service_completed_successfully } }
  unknown:
    build: .
    command: uvicorn shop.web:app
  misplaced:
    build: ./api
    command: uvicorn backend.api.main:app
  stand-in:
    image: acme/serves:1
    command: uvicorn
  worker:
    build: .
    command: sh -c 'alembic upgrade head && celery -A tasks worker'
    environment: { SENTRY_DSN: https://b@sentry.example.com/2 }
    ports: ['5555:5555']
  emails:
    build: .
    command: celery -A tasks worker
  images:
    build: .
    command: bash -c 'alembic upgrade head && celery -A tasks worker'
  setup: { build: . }
  migrate: { build: ., command: alembic upgrade head }
  seed: { build: ., command: python -m seed, depends_on: [migrate], restart: 'no' }
  db:
    image: timescale/timescaledb:latest
    environment: { POSTGRES_USER: Shop-User, POSTGRES_PASSWORD: canary, POSTGRES_DB: shop }
    volumes: ['./postgresql.conf:/etc/postgresql.conf']
  gis: { image: 'postgis/postgis:18-3.6' }
  vectors: { image: 'pgvector/pgvector:pg18' }
  cache: { image: 'redis/redis-stack-server:7.4.0' }
  search: { image: acme/search }
volumes:
  data:
  nfs: { external: true, driver: nfs }
configs:
  settings: { file: ./missing.toml }
`;

const imported = (title: string, compose: string, files: Case['files'] = {}): Case => ({
  title,
  files: { 'package.json': '{}', 'compose.yaml': compose, ...files },
  args: ['import', 'compose.yaml'],
  shown: compose.length < 3000 ? compose : `${compose.slice(0, 100)}…\n`,
});

/** Compose files that say what a stack does not take, or not so. */
export const COMPOSE_FILES: readonly Case[] = [
  imported('what has no counterpart', SHOP, {
    'main.py': MAIN,
    'requirements.txt': LOCK,
    'api/api/main.py': MAIN,
    'api/requirements.txt': LOCK,
  }),
  imported(
    'a service that extends none',
    'services:\n  api:\n    extends: { service: base }\n    command: uvicorn main:app\n',
  ),
  imported('a service that extends itself', 'services:\n  api:\n    extends: { service: api }\n'),
  imported('an anchor that names itself', 'services: &all\n  api: *all\n'),
  imported(
    'anchors that grow without end',
    `a: &a [x, x, x, x, x, x, x, x, x, x]\n${[...'bcdef'].map((name, at) => `${name}: &${name} [${Array(10).fill(`*${'abcde'[at]}`).join(', ')}]\n`).join('')}services: {}\n`,
  ),
];
