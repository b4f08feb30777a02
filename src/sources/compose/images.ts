/** What a service is by the image that it runs. */
export type ImageKind = 'postgres' | 'redis' | 'edge' | 'clock';

/** A reference without its registry's path: name and tag. */
export function imageParts(reference: string): { readonly name: string; readonly tag: string } {
  const [plain = ''] = reference.split('@');
  const last = plain.split('/').at(-1) ?? '';
  const [name = '', tag = ''] = last.split(':');
  return { name: name.toLowerCase(), tag };
}

const KINDS: Readonly<Record<ImageKind, RegExp>> = {
  postgres: /^(postgres|postgresql|postgis|pgvector|timescaledb|timescaledb-ha)$/,
  redis: /^(redis|valkey|redis-stack|redis-stack-server)$/,
  edge: /^(nginx|nginx-unprivileged|traefik|caddy|haproxy|nginx-proxy|acme-companion|letsencrypt-nginx-proxy-companion|certbot|swag|docker-gen|openresty|nginxproxymanager|nginx-proxy-manager|caddy-docker-proxy)$/,
  clock: /^(ofelia|supercronic|chadburn|cron|docker-cron|swarm-cronjob|cronicle)$/,
};

export function imageKind(reference: string): ImageKind | undefined {
  const { name } = imageParts(reference);
  return (Object.keys(KINDS) as ImageKind[]).find((kind) => KINDS[kind].test(name));
}

/** What else is met beside applications, and what to do about it. */
const OTHERS: readonly (readonly [RegExp, string])[] = [
  [
    /^rabbitmq/,
    'no construct for RabbitMQ; run it beside the stack, and give its URL to the app as a secret that is a variable too',
  ],
  [
    /^(mysql|mariadb|mongo|mongodb|percona|cockroach|clickhouse.*|cassandra|couchdb|mssql|oracle.*|neo4j|surrealdb)/,
    'no construct for this database; run it beside the stack, and give its URL to the app as a secret that is a variable too',
  ],
  [
    /^(mailpit|mailhog|maildev|mailcatcher|mailtrap|smtp4dev|greenmail)/,
    'it catches mail in development; name your mail server in environment',
  ],
  [
    /^(adminer|pgadmin4?|phpmyadmin|redis-?commander|redisinsight|pghero|pgweb|cloudbeaver|mongo-express)/,
    'a page for administrators; no stack serves one, so reach the database from its own container instead',
  ],
  [/^flower$/, 'it watches Celery and is no ASGI application; run it beside the stack, or ask with celery inspect'],
  [
    /^(prometheus|grafana|loki|promtail|alloy|tempo|jaeger|all-in-one|zipkin|otel.*|opentelemetry.*|node-exporter|cadvisor|datadog|agent|vector|fluent.*|elasticsearch|opensearch.*|kibana|logstash|sentry|dozzle|postgres-exporter|redis_exporter)/,
    'it watches what runs; run it beside the stack',
  ],
  [
    /^(minio|localstack|azurite|garage|seaweedfs)/,
    'no construct for object storage; run it beside the stack, and name it in environment',
  ],
  [/^(watchtower|autoheal|portainer.*|diun)/, 'deploying and restarting is done by synth deploy and the target itself'],
  [
    /^(node|bun|deno|vite|frontend|ui|webui|client)|[-_](frontend|ui|client)$/,
    'no ASGI application; build its files into the image of the app, or serve them from elsewhere',
  ],
];

/** Why a service is in no stack, and what to do. */
export function otherMessage(reference: string): string {
  const { name } = imageParts(reference);
  const found = OTHERS.find(([pattern]) => pattern.test(name));
  return found?.[1] ?? 'neither an ASGI application nor a task of one; run it beside the stack';
}
