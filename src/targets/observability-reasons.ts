import { below, together, type About, type Reasons } from './reasons.js';

const LOGS = ['logs'] as const;

/** What nginx says of requests. It goes before what other headers are there for. */
export const REQUEST_REASONS: Reasons = below('"nginx.conf"', {
  'http.map.$edge_request_id.**': {
    why: 'the id that a trusted balancer gave a request, else a new one',
    from: ['Stack.requestId', 'Stack.trustedProxies'],
  },
  'http.server.**.proxy_hide_header.X-Request-ID': {
    why: 'what the app says in this header gives way to the id that nginx knows',
    from: ['Stack.requestId'],
  },
  'http.server.**.add_header.X-Request-ID': {
    why: 'tells the client the id of its request, by which it is found in the logs',
    from: ['Stack.requestId'],
  },
});

/** How the server and the app write their logs, and how a Prometheus finds the app. */
export const OBSERVABILITY_REASONS: Reasons = together({
  '**."logging.json".**': {
    why: 'the configuration of the logs of the server and of the app',
    from: LOGS,
    source: 'https://docs.python.org/3/library/logging.config.html#logging-config-dictschema',
  },
  '**."logs.py".**': { why: 'makes each record one line of JSON, with the id of its request', from: ['AsgiApp.logs'] },
  '**.AsgiApp.**.command.**.--log-config': {
    why: 'the logs are JSON, as the mounted configuration says',
    from: LOGS,
    source: 'https://uvicorn.dev/settings/#logging',
  },
});

/** The same of what Compose and Swarm alone have. */
export const DOCKER_OBSERVABILITY_REASONS: Reasons = {
  'configs.logs.file': { why: 'what makes lines of JSON of log records', from: ['AsgiApp.logs'] },
  'configs.*.file': {
    why: 'how the app logs',
    from: LOGS,
    when: ({ value }) => value?.endsWith('/logging.json') ?? false,
  },
  'services.AsgiApp.environment.*': { why: 'what the SDK of OpenTelemetry reads', from: ['otel'], when: isOtel },
  'services.AsgiApp.environment.**': { why: 'what the SDK of Sentry reads', from: ['sentry'], when: isSentry },
};

function isOtel({ path }: About): boolean {
  return path.at(-1)?.startsWith('OTEL_') ?? false;
}

function isSentry({ path }: About): boolean {
  return path.at(-1)?.startsWith('SENTRY_') ?? false;
}
