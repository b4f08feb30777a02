import type { Construct } from 'constructs';
import * as v from 'valibot';
import type { AsgiAppProps } from './app-props.js';
import { addMistake } from './mistakes.js';
import type { AppLogs, AppMetrics, AppOtel, AppSentry } from './observability.js';
import { checkPeers, peers } from './peers.js';
import { isObject } from './props.js';
import { Secret } from './secret.js';
import { matching, must, show, text, trueOrFalse } from './values.js';

const metricsPath = matching(
  /^(?=.{1,255}$)(\/(?!\.{1,2}(\/|$))[A-Za-z0-9._~-]+)+$/,
  'a path without a slash at its end such as "/metrics", or { path, public, from }',
);

const secret = (example: string) =>
  must<Secret>(`a Secret; make one with new Secret(stack, "${example}")`, (x) => x instanceof Secret);

const logs = v.strictObject({
  format: v.optional(v.picklist(['json'], 'must be "json"')),
  access: v.optional(trueOrFalse),
  level: v.optional(v.picklist(['debug', 'info', 'warning', 'error'], 'must be "debug", "info", "warning" or "error"')),
});

const metrics = v.strictObject({
  path: v.optional(metricsPath),
  public: v.optional(trueOrFalse),
  from: v.optional(peers),
});

/** Unreserved and sub-delimiter characters of RFC 3986 alone, so that it is the same text wherever it is written. */
const ENDPOINT =
  /^https?:\/\/([a-zA-Z0-9]([-a-zA-Z0-9.]{0,251}[a-zA-Z0-9])?|\[[0-9a-fA-F:.]+\])(:[1-9][0-9]{0,4})?(\/[A-Za-z0-9._~!&'()*+,;=:@%/-]{0,1023})?$/;

const otel = v.strictObject({
  endpoint: v.optional(
    must<string>(
      'a URL such as "http://collector:4317", without credentials and query',
      (x) => typeof x === 'string' && ENDPOINT.test(x) && URL.canParse(x),
    ),
  ),
  protocol: v.optional(v.picklist(['grpc', 'http/protobuf'], 'must be "grpc" or "http/protobuf"')),
  serviceName: v.optional(text),
  sampleRatio: v.optional(must<number>('a number from 0 to 1', (x) => typeof x === 'number' && x >= 0 && x <= 1)),
  headers: v.optional(secret('otlp_headers')),
  attributes: v.optional(
    v.record(matching(/^[a-z0-9]([a-z0-9._-]{0,253}[a-z0-9])?$/, 'named as "deployment.environment.name" is'), text),
  ),
});

/** Sentry takes no slash, no space and no line break in either, and neither of the two names of a folder. */
const sentryName = (longest: number, example: string) =>
  matching(
    new RegExp(`^(?!\\.{1,2}$)[A-Za-z0-9._:+@-]{1,${longest}}$`),
    `a name such as "${example}", of at most ${longest} letters, digits, ".", "_", ":", "+", "@" and "-"`,
  );

const sentry = v.strictObject({
  dsn: v.optional(secret('sentry_dsn')),
  environment: v.optional(sentryName(64, 'staging')),
  release: v.optional(sentryName(200, 'shop@1.4.2')),
});

/** Entries of the schema of an app. */
export const observabilityEntries = {
  logs: v.optional(
    v.lazy((one) => (isObject(one) ? logs : v.picklist(['json'], 'must be "json" or { format, access, level }'))),
  ),
  metrics: v.optional(v.lazy((one) => (isObject(one) ? metrics : metricsPath))),
  otel: v.optional(otel),
  sentry: v.optional(sentry),
};

/** Of an app, or of its props. */
interface Observed {
  readonly metrics?: AsgiAppProps['metrics'];
  readonly otel?: Partial<AppOtel> | undefined;
  readonly sentry?: Partial<AppSentry> | undefined;
}

/** Variables that the outputs set for these props, as far as the model knows. What has a Secret gets its content. */
export function observedVariables({ metrics: told, otel: collected, sentry: reported }: Observed) {
  const secrets: Record<string, Secret> = {
    ...(collected?.headers === undefined ? {} : { OTEL_EXPORTER_OTLP_HEADERS: collected.headers }),
    ...(reported?.dsn === undefined ? {} : { SENTRY_DSN: reported.dsn }),
  };
  const names = [
    ...(told === undefined ? [] : ['PROMETHEUS_MULTIPROC_DIR', 'prometheus_multiproc_dir']),
    ...(collected === undefined
      ? []
      : ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_RESOURCE_ATTRIBUTES', 'OTEL_SERVICE_NAME']),
    ...(collected?.protocol === undefined ? [] : ['OTEL_EXPORTER_OTLP_PROTOCOL']),
    ...(collected?.sampleRatio === undefined ? [] : ['OTEL_TRACES_SAMPLER', 'OTEL_TRACES_SAMPLER_ARG']),
    ...(reported === undefined ? [] : ['SENTRY_ENVIRONMENT', 'SENTRY_RELEASE']),
  ];
  return { names, secrets };
}

/** Checks what of these props is missing, is said twice, or would be asked for in vain. */
export function checkObservability(app: Construct, checked: Partial<AsgiAppProps>): void {
  const { logs: written, metrics: told, otel: collected, sentry: reported, command } = checked;
  if (written !== undefined && command !== undefined)
    addMistake(app, 'logs is for the server that is started here, and command takes its place; drop one of them');
  if (isObject(told)) {
    if (told.path === undefined) addMistake(app, 'metrics.path is missing; name the path, such as "/metrics"');
    checkPeers(app, 'metrics.from', told.from);
  }
  if (collected !== undefined) checkOtel(app, collected);
  if (reported !== undefined && reported.dsn === undefined)
    addMistake(app, 'sentry.dsn is missing; give it new Secret(stack, "sentry_dsn")');
  checkVariables(app, checked);
}

function checkOtel(app: Construct, { endpoint, attributes = {} }: Partial<AppOtel>): void {
  if (endpoint === undefined)
    addMistake(app, 'otel.endpoint is missing; name the collector, such as "http://collector:4317"');
  if (Object.hasOwn(attributes, 'service.name'))
    addMistake(app, `otel.attributes[${show('service.name')}] is what serviceName says; leave it out`);
}

/** Two that set one variable would depend on who does so last. */
function checkVariables(app: Construct, checked: Partial<AsgiAppProps>): void {
  const { environment = {}, connections = {}, secrets = [] } = checked;
  const observed = observedVariables(checked);
  for (const name of [...observed.names, ...Object.keys(observed.secrets)]) {
    const own = observed.secrets[name];
    const isTaken = secrets.some((one) => one.as === 'environment' && one.variable === name && one !== own);
    const other = Object.hasOwn(environment, name)
      ? `environment.${name}`
      : Object.hasOwn(connections, name)
        ? `connections.${name}`
        : isTaken
          ? `the secret ${name.toLowerCase()}`
          : undefined;
    if (other !== undefined) addMistake(app, `${other} sets what ${propOf(name)} sets as well; drop one of them`);
  }
}

function propOf(variable: string): string {
  if (variable.startsWith('OTEL_')) return 'otel';
  return variable.startsWith('SENTRY_') ? 'sentry' : 'metrics';
}

/** The logs with their defaults. */
export function resolveLogs(given: AsgiAppProps['logs']): Required<AppLogs> | undefined {
  if (given === undefined) return undefined;
  const { access = false, level = 'info' } = typeof given === 'string' ? {} : given;
  return { format: 'json', access, level };
}

/** The metrics with their defaults. */
export function resolveMetrics(
  given: AsgiAppProps['metrics'],
): (AppMetrics & { readonly public: boolean }) | undefined {
  if (given === undefined) return undefined;
  if (typeof given === 'string') return { path: given, public: false };
  return { ...given, path: given.path ?? '/metrics', public: given.public ?? false };
}

/** What is complete: of the rest a mistake was made. */
export function resolveOtel(given: Partial<AppOtel> | undefined): AppOtel | undefined {
  return given?.endpoint === undefined ? undefined : { ...given, endpoint: given.endpoint };
}

export function resolveSentry(given: Partial<AppSentry> | undefined): AppSentry | undefined {
  return given?.dsn === undefined ? undefined : { ...given, dsn: given.dsn };
}
