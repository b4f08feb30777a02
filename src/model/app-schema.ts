import type { Construct } from 'constructs';
import * as v from 'valibot';
import type { AsgiAppProps } from './app-props.js';
import { ConnectionUrl, DataStore, type Connection } from './data-store.js';
import { ConfigFile } from './config-file.js';
import { checkEdgeRules, headers, rateLimit, routes } from './edge-rules.js';
import { addMistake } from './mistakes.js';
import { IDENTITY_ENTRIES, PLACEMENT_ENTRIES } from './placement.js';
import { checkObservability, observabilityEntries } from './observability-schema.js';
import { snippetText } from './nginx-snippets.js';
import { checkProps, isObject } from './props.js';
import { cores, sizeBetween } from './quantity.js';
import { checkRange } from './scaling.js';
import { Secret } from './secret.js';
import { checkStatic, staticFiles } from './static-files.js';
import {
  hostName,
  imageReference,
  LONGEST_TEXT,
  matching,
  must,
  relativePath,
  show,
  text,
  trueOrFalse,
  URL_PATH,
  urlPath,
  VARIABLE_NAME,
  wholeNumber,
} from './values.js';
import { Volume } from './volume.js';

const IDENTIFIER = '[A-Za-z_][A-Za-z0-9_]*';
const MODULE = new RegExp(`^(?=.{1,255}$)${IDENTIFIER}(\\.${IDENTIFIER})*:${IDENTIFIER}(\\.${IDENTIFIER})*$`);

export const variable = v.custom<string | number | boolean>(
  (x) =>
    typeof x === 'string' ? fitsInVariable(x) : typeof x === 'number' ? Number.isFinite(x) : typeof x === 'boolean',
  ({ input }) =>
    typeof input === 'string'
      ? `must be at most ${LONGEST_TEXT} characters of Unicode without NUL, DEL, C1 controls and line separators other than \\n and \\r; put anything else into a file`
      : 'must be a text, a number, true or false',
);

export const variableName = matching(VARIABLE_NAME, 'named with letters, digits and "_", not starting with a digit');

const relativeFolder = relativePath('./api');

const mountPath = matching(
  /^(\/(?!\.{1,2}(\/|$))[A-Za-z0-9._-]+)+$/,
  'mounted at an absolute path of letters, digits, ".", "_" and "-", such as "/data"',
);

const healthPath = matching(URL_PATH, 'a path such as "/healthz" or { readiness, liveness, startup }');

const healthPaths = v.strictObject({
  readiness: v.optional(urlPath),
  liveness: v.optional(urlPath),
  startup: v.optional(wholeNumber(1, 3600)),
});

const processRange = v.strictObject({
  min: v.optional(wholeNumber(1, 1000)),
  max: v.optional(wholeNumber(1, 1000)),
  cpu: v.optional(wholeNumber(1, 100)),
});

const schema = v.strictObject({
  source: v.optional(relativeFolder),
  image: v.optional(imageReference),
  module: v.optional(matching(MODULE, 'an import string such as "main:app"')),
  factory: v.optional(trueOrFalse),
  processes: v.optional(v.lazy((processes) => (isObject(processes) ? processRange : wholeNumber(1, 1000)))),
  memory: v.optional(sizeBetween('16Mi', '1Ti')),
  cpu: v.optional(cores),
  // The app runs without the capability to bind a lower port.
  port: v.optional(wholeNumber(1024, 65535)),
  health: v.optional(v.lazy((health) => (isObject(health) ? healthPaths : healthPath))),
  hosts: v.optional(
    v.pipe(v.array(hostName), v.minLength(1, 'must hold at least one host name; leave it out to answer any')),
  ),
  pathPrefix: v.optional(
    matching(
      /^(?=.{1,255}$)(\/$|(\/(?!\.{1,2}(\/|$))[A-Za-z0-9._~-]+)+$)/,
      'a path without a slash at its end, such as "/api"',
    ),
  ),
  environment: v.optional(v.record(variableName, variable)),
  secrets: v.optional(
    v.array(must<Secret>('a Secret; make one with new Secret(stack, "db_password")', (x) => x instanceof Secret)),
  ),
  connections: v.optional(
    v.record(
      variableName,
      must<Connection>(
        'a database such as a Postgres, or its url()',
        (x) => x instanceof DataStore || x instanceof ConnectionUrl,
      ),
    ),
  ),
  volumes: v.optional(
    v.record(
      mountPath,
      must<Volume>('a Volume; make one with new Volume(stack, "data")', (x) => x instanceof Volume),
    ),
  ),
  files: v.optional(
    v.record(
      mountPath,
      must<ConfigFile>(
        'a ConfigFile; make one with new ConfigFile(stack, "settings", { file: "./settings.toml" })',
        (x) => x instanceof ConfigFile,
      ),
    ),
  ),
  requestTimeout: v.optional(wholeNumber(1, 3600)),
  bodyLimit: v.optional(sizeBetween('1k', '1Ti')),
  routes: v.optional(routes),
  responseHeaders: v.optional(headers),
  rateLimit: v.optional(rateLimit),
  ...observabilityEntries,
  static: v.optional(staticFiles),
  sticky: v.optional(v.picklist(['cookie', 'address'], 'must be "cookie" or "address"')),
  nginx: v.optional(v.strictObject({ location: v.optional(snippetText) })),
  command: v.optional(v.pipe(v.array(text), v.minLength(1, 'must hold at least one word'))),
  ...PLACEMENT_ENTRIES,
  ...IDENTITY_ENTRIES,
  build: v.optional(
    v.strictObject({
      python: v.optional(matching(/^3\.[0-9]{1,2}$/, 'a Python minor version such as "3.13"')),
      dockerfile: v.optional(relativeFolder),
      systemPackages: v.optional(
        v.array(matching(/^[a-z0-9][a-z0-9+.-]*$/, 'the name of a Debian package, such as "libpq5"')),
      ),
      arguments: v.optional(v.record(variableName, text)),
      secrets: v.optional(
        v.record(
          variableName,
          v.strictObject({
            environment: v.optional(variableName),
            file: v.optional(text),
            target: v.optional(mountPath),
          }),
        ),
      ),
    }),
  ),
});

/** Checks the props of an app, each alone and then those that speak of one another. */
export function checkAppProps(app: Construct, props: AsgiAppProps): Partial<AsgiAppProps> {
  const checked = checkProps(app, schema, props, [
    'environment',
    'secrets',
    'connections',
    'build',
    'command',
    'endpoint',
    'headers',
    'dsn',
    'nginx',
  ]);
  if (!isObject(props)) return checked;
  checkOrigin(app, props);
  if (props.module === undefined)
    addMistake(app, 'module is missing; name the application as "package.module:attribute", such as "main:app"');
  if (isObject(checked.processes)) checkRange(app, checked.processes);
  checkEnvironment(app, checked);
  checkDuplicates(app, checked);
  checkFilePaths(app, checked);
  checkEdgeRules(app, checked);
  checkObservability(app, checked);
  checkStatic(app, checked);
  return checked;
}

function checkOrigin(app: Construct, { source, image, build }: AsgiAppProps): void {
  if (source === undefined && image === undefined) {
    addMistake(app, 'one of source and image is required; source: "./api" builds an image from a folder');
  }
  if (source !== undefined && image !== undefined) {
    addMistake(app, 'source and image exclude each other; keep the one that the app is made from');
  }
  if (source === undefined && build !== undefined)
    addMistake(app, 'build needs source, since a ready image is not built; give it source, or leave build out');
  checkBuild(app, build);
}

/** What would be asked for in vain. */
function checkBuild(app: Construct, build: AsgiAppProps['build']): void {
  if (!isObject(build)) return;
  for (const prop of ['python', 'systemPackages'] as const) {
    if (build.dockerfile === undefined || build[prop] === undefined) continue;
    addMistake(app, `build.${prop} and build.dockerfile exclude each other; say it in the Dockerfile`);
  }
  for (const [name, secret] of isObject(build.secrets) ? Object.entries(build.secrets) : []) {
    if (secret?.environment === undefined || secret.file === undefined) continue;
    addMistake(app, `build.secrets.${name} has environment and file; keep the one that says where the value is`);
  }
}

/** Variables that would change the process model behind the back of `processes`. */
const SERVER_VARIABLES = /^(WEB_CONCURRENCY|GUNICORN_CMD_ARGS|UVICORN_.*)$/;

function checkEnvironment(
  app: Construct,
  { environment = {}, secrets = [], connections = {} }: Partial<AsgiAppProps>,
): void {
  const taken = new Set(secrets.filter((secret) => secret.as === 'environment').map((secret) => secret.variable));
  for (const name of [...Object.keys(environment), ...taken]) {
    if (SERVER_VARIABLES.test(name)) {
      const what = Object.hasOwn(environment, name)
        ? `environment.${name}`
        : `the secret ${name.toLowerCase()} as ${name}`;
      addMistake(
        app,
        `${show(name).length > 60 ? 'a variable' : what} would override the server's own settings; use processes, requestTimeout and the other props`,
      );
    }
  }
  for (const name of Object.keys(connections)) {
    if (SERVER_VARIABLES.test(name)) {
      addMistake(app, `connections.${name} would override the server's own settings; name another variable`);
    }
    if (taken.has(name) || Object.hasOwn(environment, name)) {
      const other = taken.has(name) ? 'a secret' : 'environment';
      addMistake(app, `connections.${name} is set by ${other} as well; drop one of them`);
    }
  }
  for (const name of Object.keys(environment)) {
    if (taken.has(name)) {
      addMistake(app, `environment.${name} is set by a secret as well; drop one of them`);
    }
  }
}

function checkDuplicates(app: Construct, { hosts = [], secrets = [], volumes = {} }: Partial<AsgiAppProps>): void {
  for (const host of repeated(hosts)) addMistake(app, `hosts names ${show(host)} twice; drop one of them`);
  for (const id of repeated(secrets.map((secret) => secret.node.path)))
    addMistake(app, `secrets lists ${id} twice; drop one of them`);
  for (const path of repeated(Object.values(volumes).map((volume) => volume.node.path))) {
    addMistake(app, `volumes mounts ${path} twice; drop one of them`);
  }
  for (const path of Object.keys(volumes).filter((path) => TAKEN_PATHS.includes(path))) {
    addMistake(app, `volumes[${show(path)}] is where every output mounts something of its own; choose another path`);
  }
}

const TAKEN_PATHS = ['/tmp', '/run/secrets', '/etc/asgi-synth'];

/** Where engines put something into every container, and where the schedules of a host keep their last tick. */
const FOREIGN_PATHS = ['/dev', '/proc', '/sys', '/var/tmp', '/etc/hosts', '/etc/hostname', '/etc/resolv.conf'];

/** A file is mounted at its own path, beside what the image has in that folder. */
function checkFilePaths(app: Construct, { files = {}, volumes = {} }: Partial<AsgiAppProps>): void {
  const paths = Object.keys(files);
  for (const path of paths) {
    const file = `files[${show(path)}]`;
    const taken = [...TAKEN_PATHS, ...FOREIGN_PATHS].find((other) => meet(path, other));
    const volume = Object.keys(volumes).find((other) => meet(path, other));
    const folder = paths.find((other) => path.startsWith(`${other}/`));
    if (taken !== undefined)
      addMistake(app, `${file} meets ${taken}, where something else is mounted; choose another path`);
    if (volume !== undefined) addMistake(app, `${file} meets the volume at ${volume}; choose a path outside of it`);
    if (folder !== undefined) addMistake(app, `${file} is below the file ${folder}; choose a path outside of it`);
  }
}

/** Whether one of two paths is the other, or leads to it. */
function meet(one: string, other: string): boolean {
  return one === other || one.startsWith(`${other}/`) || other.startsWith(`${one}/`);
}

function repeated(list: readonly string[]): string[] {
  return [...new Set(list.filter((item, index) => list.indexOf(item) !== index))];
}

function fitsInVariable(value: string): boolean {
  // No engine can give a variable NUL; kustomize refuses or changes the others, quoted or not.
  return value.length <= LONGEST_TEXT && !/[\0\u007f-\u009f\u2028\u2029\ufffe\uffff\p{Cs}]/u.test(value);
}
