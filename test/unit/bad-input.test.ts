import { describe, expect, test } from 'vitest';
import { expectPage, type Met } from './messages/transcript.js';
import { runBin, runCli } from './support/cli.js';
import { makeProject } from './support/project.js';

/** A stack file whose third line is `body`. */
const file = (
  body: string,
  stack = "'shop'",
) => `import { AsgiApp, Compose, ConfigFile, Kubernetes, Secret, Stack, Swarm, Volume } from 'asgi-synth';
const stack = new Stack(${stack});
${body}
export default stack;
`;

const app = (props = '', id = "'api'") =>
  `new AsgiApp(stack, ${id}, { image: 'acme/api:1', module: 'main:app', ${props} });`;

interface Case {
  readonly title: string;
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  readonly args?: readonly string[];
  readonly code?: 1 | 2;
  readonly stderr: readonly string[];
}

const stackFile = (title: string, content: string, ...stderr: readonly string[]): Case => ({
  title,
  files: { 'stacks/shop.ts': content },
  stderr,
});

/** A mistake in the props of an app: `new` stands in line 3, column 1. */
const inApp = (props: string, ...messages: readonly string[]): Case =>
  stackFile(props, file(app(props)), ...messages.map((message) => `stacks/shop.ts:3:1 shop/api: ${message}`));

/** A mistake in the props of a stack: `new` stands in line 2, column 15. */
const inStack = (props: string, ...messages: readonly string[]): Case =>
  stackFile(
    `Stack ${props}`,
    file(app(), `'shop', ${props}`),
    ...messages.map((message) => `stacks/shop.ts:2:15 shop: ${message}`),
  );

const commandLine = (args: string, code: 1 | 2, ...stderr: readonly string[]): Case => ({
  title: `synth ${args}`,
  files: { 'stacks/shop.ts': file(app()) },
  args: args.split(' ').filter((word) => word !== ''),
  code,
  stderr,
});

const SIZE = 'in Kubernetes spelling, such as "512Mi"';
const LABEL = 'lower-case letters, digits and hyphens';
const APP_PROPS =
  'source, image, module, factory, processes, memory, cpu, port, health, hosts, pathPrefix, environment, secrets, connections, volumes, files, requestTimeout, bodyLimit, routes, responseHeaders, rateLimit, logs, metrics, otel, sentry, static, sticky, nginx, command, nodeSelector, priorityClassName, serviceAccount, build';

const APP_CASES: readonly Case[] = [
  inApp('processes: 0', 'processes must be a whole number from 1 to 1000, got 0'),
  inApp("nodeSelector: 'ssd'", 'nodeSelector must be an object, got "ssd"'),
  inApp(
    "nodeSelector: { disktype: 'a b' }",
    'nodeSelector.disktype must be a label value: letters, digits, "-", "_" and ".", at most 63, got "a b"',
  ),
  inApp("nodeSelector: { 'a b': 'c' }", 'nodeSelector["a b"] must be a label key such as "acme.com/team"'),
  inApp("python: '3.12'", 'unknown prop python; did you mean build.python?'),
  inApp('replicas: 3', 'unknown prop replicas; did you mean processes?'),
  inApp("nodeselector: { a: 'b' }", 'unknown prop nodeselector; did you mean nodeSelector?'),
  inApp("priorityClassName: 'Very High'", 'priorityClassName must be the name of a PriorityClass, got "Very High"'),
  inApp("priorityClass: 'high'", 'unknown prop priorityClass; did you mean priorityClassName?'),
  inApp('serviceAccount: {}', 'serviceAccount.annotations is missing'),
  inApp(
    "serviceAccount: { annotations: { 'a b': 'c' } }",
    'serviceAccount.annotations["a b"] must be a label key such as "acme.com/team"',
  ),
  inApp("serviceAccount: { name: 'x', annotations: {} }", 'unknown prop serviceAccount.name; known are annotations'),
  inApp('processes: 1.5', 'processes must be a whole number from 1 to 1000, got 1.5'),
  inApp("processes: '4'", 'processes must be a whole number from 1 to 1000, got "4"'),
  inApp('processes: { min: 0, max: 8 }', 'processes.min must be a whole number from 1 to 1000, got 0'),
  inApp(
    'processes: { min: 4, max: 2 }',
    'processes.min is 4, which is more than processes.max, 2; exchange them, or drop one',
  ),
  inApp('processes: { max: 8 }', 'processes.min is missing; a range is { min: 2, max: 8 }'),
  inApp('processes: { min: 2 }', 'processes.max is missing; a range is { min: 2, max: 8 }'),
  inApp('processes: { min: 2, max: 8, cpu: 120 }', 'processes.cpu must be a whole number from 1 to 100, got 120'),
  inApp('processes: { min: 2, max: 8, mem: 70 }', 'unknown prop processes.mem; known are min, max, cpu'),
  inApp('processes: undefined', 'processes is undefined; leave it out for the default of 2'),
  inApp('memory: 512', `memory must be a size from "16Mi" to "1Ti" ${SIZE}, got 512`),
  inApp("memory: '512MB'", `memory must be a size from "16Mi" to "1Ti" ${SIZE}, got "512MB"`),
  inApp("memory: '1Mi'", `memory must be a size from "16Mi" to "1Ti" ${SIZE}, got "1Mi"`),
  inApp("cpu: '1'", 'cpu must be a number of cores from 0.01 to 64, got "1"'),
  inApp('cpu: NaN', 'cpu must be a number of cores from 0.01 to 64, got NaN'),
  inApp('port: 80', 'port must be a whole number from 1024 to 65535, got 80'),
  inApp(
    "health: 'healthz'",
    'health must be a path such as "/healthz" or { readiness, liveness, startup }, got "healthz"',
  ),
  inApp(
    'health: []',
    'health must be a path such as "/healthz" or { readiness, liveness, startup }, got an empty list',
  ),
  inApp(
    "health: { readiness: 'x', startup: 0 }",
    'health.readiness must be a path such as "/healthz", got "x"',
    'health.startup must be a whole number from 1 to 3600, got 0',
  ),
  inApp(
    "health: { live: '/x', readyness: '/y' }",
    'unknown prop health.live; did you mean liveness?',
    'unknown prop health.readyness; did you mean readiness?',
  ),
  inApp("hosts: 'shop.example.com'", 'hosts must be a list, got "shop.example.com"'),
  inApp('hosts: []', 'hosts must hold at least one host name, got an empty list; leave it out to answer any'),
  inApp(
    "hosts: ['Shop.example.com', 'http://shop', 'ok.example.com', '*']",
    'hosts[0] must be a host name in lower case, without scheme, port or path, got "Shop.example.com"',
    'hosts[1] must be a host name in lower case, without scheme, port or path, got "http://shop"',
    'hosts[3] must be a host name in lower case, without scheme, port or path, got "*"',
  ),
  inApp("hosts: ['a.example.com', 'a.example.com']", 'hosts names "a.example.com" twice; drop one of them'),
  inApp("pathPrefix: 'api'", 'pathPrefix must be a path without a slash at its end, such as "/api", got "api"'),
  inApp("pathPrefix: '/api/'", 'pathPrefix must be a path without a slash at its end, such as "/api", got "/api/"'),
  inApp("pathPrefix: '/a b'", 'pathPrefix must be a path without a slash at its end, such as "/api", got "/a b"'),
  inApp("environment: ['A=1']", 'environment must be an object, got a list'),
  inApp("environment: new Map([['A', '1']])", 'environment must be an object, got an instance of Map'),
  inApp(
    "environment: { 'MY-VAR': 'x' }",
    'environment["MY-VAR"] must be named with letters, digits and "_", not starting with a digit',
  ),
  inApp(
    'environment: { A: null, B: {}, C: Number.NaN }',
    'environment.A must be a text, a number, true or false, got null',
    'environment.B must be a text, a number, true or false, got an object',
    'environment.C must be a text, a number, true or false, got NaN',
  ),
  inApp(
    "environment: { A: 'canary\\0' }",
    'environment.A must be at most 30000 characters of Unicode without NUL, DEL, C1 controls and line separators other than \\n and \\r, got a text; put anything else into a file',
  ),
  inApp(
    "environment: { A: 'canary\\ud800' }",
    'environment.A must be at most 30000 characters of Unicode without NUL, DEL, C1 controls and line separators other than \\n and \\r, got a text; put anything else into a file',
  ),
  inApp(
    "environment: { constructor: 'x' }",
    'environment.constructor has a name that JavaScript keeps for itself; choose another',
  ),
  inApp(
    "environment: { WEB_CONCURRENCY: 4, UVICORN_PORT: '1', GUNICORN_CMD_ARGS: '-w 9' }",
    "environment.GUNICORN_CMD_ARGS would override the server's own settings; use processes, requestTimeout and the other props",
    "environment.UVICORN_PORT would override the server's own settings; use processes, requestTimeout and the other props",
    "environment.WEB_CONCURRENCY would override the server's own settings; use processes, requestTimeout and the other props",
  ),
  inApp(
    "environment: { DB_PASSWORD: 'canary' }",
    `environment.DB_PASSWORD looks like a secret, which every output would show; use secrets: [new Secret(stack, "db_password", { as: 'environment' })] (to accept it, give the stack accept: { 'secret-in-environment': 'why' })`,
  ),
  inApp(
    "environment: { DATABASE_URL: 'postgres://shop:canary@db/shop' }",
    `environment.DATABASE_URL looks like a secret, which every output would show; use secrets: [new Secret(stack, "database_url", { as: 'environment' })] (to accept it, give the stack accept: { 'secret-in-environment': 'why' })`,
  ),
  inApp(
    "secrets: ['db_password']",
    'secrets[0] must be a Secret, got a text; make one with new Secret(stack, "db_password")',
  ),
  inApp("secrets: { db: 'x' }", 'secrets must be a list, got an object'),
  inApp(
    "volumes: { data: './data' }",
    'volumes.data must be mounted at an absolute path of letters, digits, ".", "_" and "-", such as "/data"',
    'volumes.data must be a Volume, got "./data"; make one with new Volume(stack, "data")',
  ),
  inApp(
    "volumes: { '/data': './data' }",
    'volumes["/data"] must be a Volume, got "./data"; make one with new Volume(stack, "data")',
  ),
  inApp("volumes: ['/data']", 'volumes must be an object, got a list'),
  inApp(
    "files: { '/etc/app.toml': './app.toml' }",
    'files["/etc/app.toml"] must be a ConfigFile, got "./app.toml"; make one with new ConfigFile(stack, "settings", { file: "./settings.toml" })',
  ),
  inApp(
    "files: { 'app.toml': new ConfigFile(stack, 'f', { content: 'x' }) }",
    'files["app.toml"] must be mounted at an absolute path of letters, digits, ".", "_" and "-", such as "/data"',
  ),
  inApp(
    "files: { '/run/secrets/x': new ConfigFile(stack, 'f', { content: 'x' }) }",
    'files["/run/secrets/x"] meets /run/secrets, where something else is mounted; choose another path',
  ),
  inApp(
    "files: { '/etc/asgi-synth/start.py': new ConfigFile(stack, 'f', { content: 'x' }) }",
    'files["/etc/asgi-synth/start.py"] meets /etc/asgi-synth, where something else is mounted; choose another path',
  ),
  inApp(
    "files: { '/run': new ConfigFile(stack, 'f', { content: 'x' }), '/etc/hosts': new ConfigFile(stack, 'g', { content: 'x' }) }",
    'files["/etc/hosts"] meets /etc/hosts, where something else is mounted; choose another path',
    'files["/run"] meets /run/secrets, where something else is mounted; choose another path',
  ),
  inApp(
    "volumes: { '/data': new Volume(stack, 'v') }, files: { '/data/x/app.toml': new ConfigFile(stack, 'f', { content: 'x' }) }",
    'files["/data/x/app.toml"] meets the volume at /data; choose a path outside of it',
  ),
  inApp(
    "volumes: { '/data/x': new Volume(stack, 'v') }, files: { '/data/x': new ConfigFile(stack, 'f', { content: 'x' }) }",
    'files["/data/x"] meets the volume at /data/x; choose a path outside of it',
  ),
  inApp(
    "files: { '/etc/app': new ConfigFile(stack, 'f', { content: 'x' }), '/etc/app/x': new ConfigFile(stack, 'g', { content: 'x' }) }",
    'files["/etc/app/x"] is below the file /etc/app; choose a path outside of it',
  ),
  inApp("requestTimeout: '60s'", 'requestTimeout must be a whole number from 1 to 3600, got "60s"'),
  inApp('bodyLimit: 10', `bodyLimit must be a size from "1k" to "1Ti" ${SIZE}, got 10`),
  inApp(
    "routes: { upload: {}, '/': {}, '/x/': {} }",
    'routes.upload must be for a path without a slash at its end, such as "/upload"',
    'routes["/"] must be for a path without a slash at its end, such as "/upload"',
    'routes["/x/"] must be for a path without a slash at its end, such as "/upload"',
  ),
  inApp("routes: { '/x': {} }", 'routes["/x"] says nothing; give it bodyLimit or requestTimeout, or leave it out'),
  inApp(
    "routes: { '/x': { bodyLimit: 5, requestTimeout: '5' } }",
    `routes["/x"].bodyLimit must be a size from "1k" to "1Ti" ${SIZE}, got 5`,
    'routes["/x"].requestTimeout must be a whole number from 1 to 3600, got "5"',
  ),
  inApp(
    "routes: Object.fromEntries(Array.from({ length: 16 }, (_, n) => ['/' + n, { requestTimeout: 5 }]))",
    'routes has 16 paths, at most 15 are possible; give the others to another app',
  ),
  inApp(
    "responseHeaders: { 'X Y': 'a', 'X-A': '', 'X-B': 'a\\nb', 'X-C': ' a', 'X-D': 'é', 'X-E': 5 }",
    'responseHeaders["X Y"] must be named by a token of letters, digits and hyphens, such as "X-Frame-Options"',
    'responseHeaders["X-A"] must be a text of 1 to 2000 visible ASCII characters, with spaces between them alone, got ""',
    'responseHeaders["X-B"] must be a text of 1 to 2000 visible ASCII characters, with spaces between them alone, got "a\\nb"',
    'responseHeaders["X-C"] must be a text of 1 to 2000 visible ASCII characters, with spaces between them alone, got " a"',
    'responseHeaders["X-D"] must be a text of 1 to 2000 visible ASCII characters, with spaces between them alone, got "é"',
    'responseHeaders["X-E"] must be a text of 1 to 2000 visible ASCII characters, with spaces between them alone, got 5',
  ),
  inApp(
    "responseHeaders: { connection: 'close', 'X-A': '1', 'x-a': '2' }",
    'responseHeaders["connection"] is for the app or its server to say; leave it out',
    'responseHeaders["x-a"] is the header X-A as well; keep one of them',
  ),
  inApp(
    "responseHeaders: Object.fromEntries(Array.from({ length: 17 }, (_, n) => ['X-' + n, 'x']))",
    'responseHeaders has 17 headers, at most 16 are possible; drop some of them',
  ),
  inApp('rateLimit: 10', 'rateLimit must be an object, got 10'),
  inApp(
    'rateLimit: { burst: 5 }',
    'rateLimit.requestsPerSecond is missing; say how many requests of one client are let in',
  ),
  inApp(
    'rateLimit: { requestsPerSecond: 0.5, burst: -1 }',
    'rateLimit.requestsPerSecond must be a whole number from 1 to 100000, got 0.5',
    'rateLimit.burst must be a whole number from 0 to 100000, got -1',
  ),
  inApp(
    "static: { static: '/a', '/a/../b': '/a', '/.git': '/a', '/a/': '/a' }",
    ...['static', '["/a/../b"]', '["/.git"]', '["/a/"]'].map(
      (path) =>
        `static${path.startsWith('[') ? path : `.${path}`} must be for a path without a slash at its end, such as "/static"`,
    ),
  ),
  inApp(
    "static: { '/a': 'app/static', '/b': { maxAge: -1 }, '/c': { folder: '/c', command: ['x'] }, '/d': '/x/../y' }, routes: { '/c/x': { requestTimeout: 5 } }",
    'static["/b"].maxAge must be a whole number from 0 to 31536000, got -1',
    'static["/d"] must be a folder such as "app/static", of letters, digits and "._+@~-", got "/x/../y"',
  ),
  inApp(
    "static: { '/a': 'app/static', '/b': {}, '/c': { folder: '/c', command: ['x'] } }, routes: { '/c/x': { requestTimeout: 5 } }",
    'static["/a"] must be a folder of the image, such as "/app/static", got "app/static"',
    'static["/b"].folder is missing; name the folder with the files',
    'static["/c"].command runs only where the image is built from source, with the Dockerfile that synth writes; make the files before, and name their folder alone',
    'routes["/c/x"] is answered with files, of static["/c"]; take it out',
  ),
  stackFile(
    'static files where another app is',
    file(`${app("static: { '/admin/static': '/a' }")}\n${app("pathPrefix: '/admin'", "'api-static'")}`),
    'stacks/shop.ts:3:1 shop/api: static["/admin/static"] is answered by shop/api-static, whose pathPrefix is /admin; say it there',
    'stacks/shop.ts:4:1 shop/api-static: the id "api-static" is taken by the static files of shop/api; choose another',
  ),
  inApp('sticky: true', 'sticky must be "cookie" or "address", got true'),
  inApp("nginx: 'etag off;'", 'nginx must be an object, got a text'),
  inApp(
    "nginx: { location: 5, server: 'etag off;' }",
    'nginx.location must be directives of nginx: a text of 1 to 16384 bytes, with no control characters but tabs and line feeds, got 5',
    'unknown prop nginx.server; known are location',
  ),
  inApp(
    "nginx: { location: 'etag off;\\n}\\nserver {' }",
    'nginx.location has a "}" that closes no block of its own, in its line 2; it must stand by itself',
  ),
  inApp(
    "nginx: { location: 'etag off' }",
    'nginx.location ends before the ";" of etag, in its line 1; it must stand by itself',
  ),
  inApp(
    "nginx: { location: 'if ($x) { set $y 1;' }",
    'nginx.location ends before the "}" of if, in its line 1; it must stand by itself',
  ),
  inApp(
    "nginx: { location: 'add_header X \\'a; }' }",
    'nginx.location has a quoted word with no end, in its line 1; it must stand by itself',
  ),
  inApp("nginx: { location: '# nothing' }", 'nginx.location has no directive; leave it out'),
  inApp(
    'nginx: { location: \'proxy_pass http://a;\\nclient_max_body_size 1g;\\n"proxy_read_timeout" 5s; proxy_set_header Host x; location /a { a; }\' }',
    'nginx.location must not have "proxy_pass", got it in its line 1; requests go to the app, and nowhere else; let an app of the stack answer that path',
    'nginx.location must not have "client_max_body_size", got it in its line 2; use bodyLimit, or routes for some paths',
    'nginx.location must not have "proxy_read_timeout", got it in its line 3; use requestTimeout, or routes for some paths',
    'nginx.location must not have "proxy_set_header", got it in its line 3; the app believes that the edge itself has written that header',
    'nginx.location must not have "location", got it in its line 3; use nginx: { server } of the stack',
  ),
  inStack(
    "{ nginx: { http: 'server { listen 1; server_name a; }', server: 'return 204; location / { a; } location @anew_api { a; } set $sent 0; location /.well-known/acme-challenge/ { a; }' } }",
    'nginx.http must not have "server", got it in its line 1; use hosts',
    'nginx.http must not have "listen", got it in its line 1; use httpPort and httpsPort',
    'nginx.http must not have "server_name", got it in its line 1; use hosts',
    'nginx.server must not have "return", got it in its line 1; it would answer every request; put it into a location or an if',
    'nginx.server must not have "location", got it in its line 1; that is the place of an app; say it in location of the app',
    'nginx.server must not have "location", got it in its line 1; that name is taken; choose another',
    'nginx.server must not have "set", got it in its line 1; the configuration around it uses a variable of that name; choose another',
    'nginx.server must not have "location", got it in its line 1; certificate authorities ask there; use tls',
  ),
  inStack(
    "{ redirects: { 'http://www.example.com': 'example.com', a: 'B' } }",
    'redirects["http://www.example.com"] must be a host name in lower case, without scheme, port or path',
    'redirects.a must be a host name in lower case, without scheme, port or path, got "B"',
  ),
  inStack(
    "{ redirects: { a: 'b', b: 'a' } }",
    'redirects["a"] leads to b, which leads on itself; name the host where it ends',
    'redirects["b"] leads to a, which leads on itself; name the host where it ends',
  ),
  stackFile(
    'route of another app',
    file(`${app("routes: { '/admin/x': { bodyLimit: '1Mi' } }")}\n${app("pathPrefix: '/admin'", "'admin'")}`),
    'stacks/shop.ts:3:1 shop/api: routes["/admin/x"] is answered by shop/admin, whose pathPrefix is /admin; say it there',
  ),
  stackFile(
    'redirect of a host of an app',
    file(app("hosts: ['a']"), "'shop', { redirects: { a: 'b' } }"),
    'stacks/shop.ts:2:15 shop: redirects["a"] is a host of shop/api; take it out of one of them',
  ),
  inApp("command: 'uvicorn canary:app'", 'command must be a list, got a text'),
  inApp('command: []', 'command must hold at least one word, got an empty list'),
  inApp(
    "command: ['uvicorn', 5]",
    'command[1] must be a text of 1 to 30000 characters without control characters, got 5',
  ),
  inApp("module: 'main'", 'module must be an import string such as "main:app", got "main"'),
  inApp("module: 'main.py:app()'", 'module must be an import string such as "main:app", got "main.py:app()"'),
  inApp(
    'module: undefined',
    'module is missing; name the application as "package.module:attribute", such as "main:app"',
  ),
  inApp("factory: 'yes'", 'factory must be true or false, got "yes"'),
  inApp("image: 'Acme/API'", 'image must be an image reference such as "ghcr.io/acme/api:1.4.2", got "Acme/API"'),
  inApp('image: undefined', 'one of source and image is required; source: "./api" builds an image from a folder'),
  inApp("source: './api'", 'source and image exclude each other; keep the one that the app is made from'),
  inApp(
    "source: '/srv/api', image: undefined",
    'source must be a relative path inside the project, such as "./api", got "/srv/api"',
  ),
  inApp(
    "source: '../api', image: undefined",
    'source must be a relative path inside the project, such as "./api", got "../api"',
  ),
  inApp('build: {}', 'build needs source, since a ready image is not built; give it source, or leave build out'),
  inApp(
    "source: './api', image: undefined, build: { python: 3.13, dockerfiel: 'x', systemPackages: ['lib pq'], arguments: { 'a b': 'canary' }, secrets: { T: 'canary' } }",
    'build.python must be a Python minor version such as "3.13", got 3.13',
    'build.systemPackages[0] must be the name of a Debian package, such as "libpq5", got a text',
    'build.arguments["a b"] must be named with letters, digits and "_", not starting with a digit',
    'build.secrets.T must be an object, got a text',
    'unknown prop build.dockerfiel; did you mean dockerfile?',
  ),
  inApp(
    "source: './api', image: undefined, build: { dockerfile: 'Dockerfile', python: '3.13', secrets: { T: { environment: 'T', file: 't' } } }",
    'build.python and build.dockerfile exclude each other; say it in the Dockerfile',
    'build.secrets.T has environment and file; keep the one that says where the value is',
  ),
  inApp(
    "procesess: 4, env: {}, timeout: 5, foo: 'canary'",
    'unknown prop procesess; did you mean processes?',
    'unknown prop env; did you mean environment?',
    'unknown prop timeout; did you mean requestTimeout?',
    `unknown prop foo; known are ${APP_PROPS}`,
  ),
  inApp("'\\u001b[31m\\u202e': 1", `unknown prop "\\u001b[31m\\u{202e}"; known are ${APP_PROPS}`),
  ...[
    ['null', 'null'],
    ['undefined', 'nothing'],
    ['[1]', 'a list'],
    ["'main:app'", '"main:app"'],
    ['() => 1', 'a function'],
  ].map(([props, got]) =>
    stackFile(
      `AsgiApp props ${props}`,
      file(`new AsgiApp(stack, 'api', ${props});`),
      `stacks/shop.ts:3:1 shop/api: props must be an object, got ${got}`,
    ),
  ),
  stackFile(
    'several mistakes in several constructs, from top to bottom',
    file(`${app("processes: 0, memory: '1'")}\n${app('port: 1', "'b'")}`, "'shop', { httpPort: 0 }"),
    'stacks/shop.ts:2:15 shop: httpPort must be a port from 1 to 65535, or "ADDRESS:PORT" such as "127.0.0.1:8080", got 0',
    'stacks/shop.ts:3:1 shop/api: processes must be a whole number from 1 to 1000, got 0',
    `stacks/shop.ts:3:1 shop/api: memory must be a size from "16Mi" to "1Ti" ${SIZE}, got "1"`,
    'stacks/shop.ts:4:1 shop/b: port must be a whole number from 1024 to 65535, got 1',
    'stacks/shop.ts:4:1 shop/b: any host with path prefix / is already answered by shop/api; give one of them another host or pathPrefix',
  ),
  inApp("logs: 'text'", 'logs must be "json" or { format, access, level }, got "text"'),
  inApp(
    "logs: { level: 'trace', access: 1, colour: true }",
    'logs.access must be true or false, got 1',
    'logs.level must be "debug", "info", "warning" or "error", got "trace"',
    'unknown prop logs.colour; known are format, access, level',
  ),
  inApp(
    "logs: 'json', command: ['serve']",
    'logs is for the server that is started here, and command takes its place; drop one of them',
  ),
  ...['metrics', '/metrics/', '/a b', '/x?y', '/..', '/$x'].map((path) =>
    inApp(
      `metrics: '${path}'`,
      `metrics must be a path without a slash at its end such as "/metrics", or { path, public, from }, got "${path}"`,
    ),
  ),
  inApp('metrics: { public: true }', 'metrics.path is missing; name the path, such as "/metrics"'),
  inApp(
    "metrics: { path: '/metrics', from: [{ cidr: '10.0.0.0/8', namespace: 'x' }] }",
    'metrics.from[0] must name either a cidr, or a namespace and pods',
  ),
  inApp('otel: {}', 'otel.endpoint is missing; name the collector, such as "http://collector:4317"'),
  ...[
    'collector:4317',
    'http://me:canary@collector',
    'http://collector/?key=canary',
    'http://c:99999',
    'http://1.2.3.4.5',
  ].map((endpoint) =>
    inApp(
      `otel: { endpoint: '${endpoint}' }`,
      'otel.endpoint must be a URL such as "http://collector:4317", without credentials and query, got a text',
    ),
  ),
  inApp(
    "otel: { endpoint: 'http://c', sampleRatio: 2, headers: 'canary', attributes: { 'a b': '1' } }",
    'otel.sampleRatio must be a number from 0 to 1, got 2',
    'otel.headers must be a Secret, got a text; make one with new Secret(stack, "otlp_headers")',
    'otel.attributes["a b"] must be named as "deployment.environment.name" is',
  ),
  inApp(
    "otel: { endpoint: 'http://c', attributes: { 'service.name': 'x' } }",
    'otel.attributes["service.name"] is what serviceName says; leave it out',
  ),
  inApp(
    "sentry: { dsn: 'https://canary@example.com/1' }",
    'sentry.dsn must be a Secret, got a text; make one with new Secret(stack, "sentry_dsn")',
  ),
  inApp("sentry: { release: '1' }", 'sentry.dsn is missing; give it new Secret(stack, "sentry_dsn")'),
  inApp(
    "sentry: { dsn: new Secret(stack, 'sentry_dsn'), release: 'a/b' }",
    'sentry.release must be a name such as "shop@1.4.2", of at most 200 letters, digits, ".", "_", ":", "+", "@" and "-", got "a/b"',
  ),
  inApp(
    "sentry: { dsn: new Secret(stack, 'dsn') }, environment: { SENTRY_RELEASE: '1', SENTRY_DSN: 'canary' }",
    'environment.SENTRY_RELEASE sets what sentry sets as well; drop one of them',
    'environment.SENTRY_DSN sets what sentry sets as well; drop one of them',
  ),
  inApp(
    "otel: { endpoint: 'http://c' }, secrets: [new Secret(stack, 'otel_service_name', { as: 'environment' })]",
    'the secret otel_service_name sets what otel sets as well; drop one of them',
  ),
  inApp(
    "metrics: '/metrics', environment: { PROMETHEUS_MULTIPROC_DIR: '/tmp' }",
    'environment.PROMETHEUS_MULTIPROC_DIR sets what metrics sets as well; drop one of them',
  ),
];

const NAME = (what: string, rule: string, got: string) =>
  `${what} must be 1 to 40 ${LABEL}, with ${rule} (DNS-1123 label), got ${got}`;
const stackName = (got: string) => NAME('the name', 'a letter first and no hyphen last', got);
const appId = (got: string) => NAME('the id', 'no hyphen at an end', got);
const secretId = (got: string) =>
  `the id of a secret must be snake case, at most 50 characters, such as "db_password", got ${got}`;
const patch = "a patch must be JSON Patch operations with JSON values, such as { op: 'add', path: '/x', value: 1 }";
const patched = (construct: string, operation: string) =>
  file(`const api = ${app()}\n${construct}.patch(${operation});`);

const TREE_CASES: readonly Case[] = [
  stackFile("Stack name 'My Shop'", file(app(), "'My Shop'"), `stacks/shop.ts:2:15 unnamed: ${stackName('"My Shop"')}`),
  stackFile(
    'Stack name 41 letters',
    file(app(), "'x'.repeat(41)"),
    `stacks/shop.ts:2:15 ${'x'.repeat(41)}: ${stackName(`"${'x'.repeat(41)}"`)}`,
  ),
  stackFile("Stack name '1shop'", file(app(), "'1shop'"), `stacks/shop.ts:2:15 1shop: ${stackName('"1shop"')}`),
  stackFile('Stack name missing', file(app(), ''), `stacks/shop.ts:2:15 unnamed: ${stackName('nothing')}`),
  stackFile("AsgiApp id 'My_Api'", file(app('', "'My_Api'")), `stacks/shop.ts:3:1 shop/My_Api: ${appId('"My_Api"')}`),
  stackFile("AsgiApp id ''", file(app('', "''")), `stacks/shop.ts:3:1 shop/unnamed: ${appId('""')}`),
  stackFile("AsgiApp id '-api'", file(app('', "'-api'")), `stacks/shop.ts:3:1 shop/-api: ${appId('"-api"')}`),
  stackFile(
    'AsgiApp id of 64 KB',
    file(app('', "'x'.repeat(65536)")),
    `stacks/shop.ts:3:1 shop/unnamed: ${appId(`"${'x'.repeat(60)}…"`)}`,
  ),
  stackFile(
    'AsgiApp id that colours',
    file(app('', "'a\\n\\u001b[31m\\u202eb'")),
    `stacks/shop.ts:3:1 shop/unnamed: ${appId('"a\\n\\u001b[31m\\u{202e}b"')}`,
  ),
  stackFile(
    'AsgiApp id that an output needs',
    file(app('', "'nginx'")),
    'stacks/shop.ts:3:1 shop/nginx: the id "nginx" is reserved, since the output has something of that name itself; choose another',
  ),
  stackFile(
    'AsgiApp id that JavaScript needs',
    file(app('', "'constructor'")),
    'stacks/shop.ts:3:1 shop/unnamed: the id "constructor" is reserved, since the output has something of that name itself; choose another',
  ),
  stackFile(
    "Secret id 'db-password'",
    file(app("secrets: [new Secret(stack, 'db-password')]")),
    `stacks/shop.ts:3:80 shop/db-password: ${secretId('"db-password"')}`,
  ),
  stackFile(
    'Secret id missing',
    file(app('secrets: [new Secret(stack)]')),
    `stacks/shop.ts:3:80 shop/unnamed: ${secretId('nothing')}`,
  ),
  stackFile(
    'Secret with file and external',
    file(app("secrets: [new Secret(stack, 'd', { file: 'x', external: 'y', as: 'env' })]")),
    'stacks/shop.ts:3:80 shop/d: as must be "environment", got "env"',
    'stacks/shop.ts:3:80 shop/d: file and external exclude each other; keep the one that says where the value is',
  ),
  stackFile(
    'Volume with wrong size and options without driver',
    file(app("volumes: { '/d': new Volume(stack, 'd', { size: '5', driverOptions: { a: 'b' } }) }")),
    `stacks/shop.ts:3:87 shop/d: size must be a size from "1Mi" to "64Ti" ${SIZE}, got "5"`,
    'stacks/shop.ts:3:87 shop/d: driverOptions need a driver; add driver: "local" for the options of mount',
  ),
  stackFile(
    'same id twice',
    file(`${app()}\n${app("pathPrefix: '/b'")}`),
    'stacks/shop.ts:4:1 shop/api-2: the id "api" is already taken in shop; give each construct its own',
  ),
  stackFile(
    'same id twice at different depth',
    file(`const a = ${app()}\nnew AsgiApp(a, 'api', { image: 'a', module: 'a:b', pathPrefix: '/b' });`),
    'stacks/shop.ts:4:1 shop/api/api: the id "api" is already taken by shop/api; choose another',
  ),
  stackFile(
    'same host and prefix twice',
    file(
      `${app("hosts: ['a.example.com'], pathPrefix: '/x'")}\n${app("hosts: ['a.example.com'], pathPrefix: '/x'", "'b'")}`,
    ),
    'stacks/shop.ts:4:1 shop/b: a.example.com with path prefix /x is already answered by shop/api; give one of them another host or pathPrefix',
  ),
  stackFile(
    'any host twice',
    file(`${app()}\n${app('', "'b'")}`),
    'stacks/shop.ts:4:1 shop/b: any host with path prefix / is already answered by shop/api; give one of them another host or pathPrefix',
  ),
  stackFile(
    'port clash without an edge',
    file(`${app()}\n${app("pathPrefix: '/b'", "'b'")}`, "'shop', { edge: 'none' }"),
    'stacks/shop.ts:4:1 shop/b: port 8000 is already published by shop/api; with edge: "none" each app needs a port of its own',
  ),
  stackFile(
    'circle of dependencies',
    file(
      `const a = ${app()}\nconst b = ${app("pathPrefix: '/b'", "'b'")}\na.node.addDependency(b); b.node.addDependency(a);`,
    ),
    'stacks/shop.ts:3:11 shop/api: depends on itself: shop/api -> shop/b -> shop/api; remove one of these dependencies',
  ),
  stackFile(
    'props that hold themselves',
    file(
      `const p: any = { image: 'a', module: 'a:b' }; p.environment = { P: p }; p.command = [p];\nnew AsgiApp(stack, 'api', p);`,
    ),
    'stacks/shop.ts:4:1 shop/api: environment.P must be a text, a number, true or false, got an object',
    'stacks/shop.ts:4:1 shop/api: command[0] must be a text of 1 to 30000 characters without control characters, got an object',
  ),
  stackFile(
    'secret and volume of another stack',
    file(
      `const other = new Stack('other');\n${app("secrets: [new Secret(other, 'x')], volumes: { '/d': new Volume(other, 'd') }")}`,
    ),
    'stacks/shop.ts:4:1 shop/api: other/x belongs to another stack; make one in shop',
    'stacks/shop.ts:4:1 shop/api: other/d belongs to another stack; make one in shop',
  ),
  stackFile(
    'secret listed twice and set as a variable too',
    file(
      `const s = new Secret(stack, 'key', { as: 'environment' });\n${app("secrets: [s, s], environment: { KEY: 'x' }")}`,
    ),
    'stacks/shop.ts:4:1 shop/api: environment.KEY is set by a secret as well; drop one of them',
    'stacks/shop.ts:4:1 shop/api: secrets lists shop/key twice; drop one of them',
  ),
  stackFile(
    'secret as a variable of the server',
    file(app("secrets: [new Secret(stack, 'web_concurrency', { as: 'environment' })]")),
    "stacks/shop.ts:3:1 shop/api: the secret web_concurrency as WEB_CONCURRENCY would override the server's own settings; use processes, requestTimeout and the other props",
  ),
  stackFile('stack without apps', file(''), 'stacks/shop.ts:2:15 shop: the stack is empty; add an AsgiApp to it'),
  stackFile(
    'no scope',
    file("new AsgiApp(undefined, 'api', { image: 'a', module: 'a:b' });"),
    'stacks/shop.ts:3:1: TypeError: the first argument must be the stack or a construct in it, got nothing',
  ),
  stackFile(
    "a rule of the user's own",
    file(`${app()}\nstack.node.addValidation({ validate: () => ['team label is missing'] });`),
    'stacks/shop.ts:2:15 shop: team label is missing',
  ),
  inStack('null', 'props must be an object, got null'),
  inStack(
    "{ capacity: { memory: '8GB', cpus: 4 } }",
    `capacity.memory must be a size from "16Mi" to "1024Ti" ${SIZE}, got "8GB"`,
    'unknown prop capacity.cpus; did you mean cpu?',
  ),
  inStack('{ capacity: { cpu: 0 } }', 'capacity.cpu must be a number of cores from 0.01 to 10000, got 0'),
  inStack(
    '{ httpPort: 70000 }',
    'httpPort must be a port from 1 to 65535, or "ADDRESS:PORT" such as "127.0.0.1:8080", got 70000',
  ),
  inStack(
    "{ httpPort: '999.1.1.1:80' }",
    'httpPort must be a port from 1 to 65535, or "ADDRESS:PORT" such as "127.0.0.1:8080", got "999.1.1.1:80"',
  ),
  inStack(
    "{ tls: { certificate: {}, key: {} }, httpsPort: '127.0.0.1' }",
    'httpsPort must be a port from 1 to 65535, or "ADDRESS:PORT" such as "127.0.0.1:8443", got "127.0.0.1"',
  ),
  inStack(
    '{ httpsPort: 8443 }',
    'httpsPort is for HTTPS, which needs a certificate; give one with tls, or take httpsPort out',
  ),
  inStack(
    '{ tls: { certificate: {}, key: {} }, httpPort: 443 }',
    'httpPort and httpsPort are both 443; give each a port of its own',
  ),
  inStack(
    '{ tls: { hsts: 60 } }',
    'tls names no certificate; give { certificate, key }, { acme }, { secretName }, { issuer } or { clusterIssuer }, one of them',
  ),
  inStack(
    "{ tls: { secretName: 'a', issuer: 'b' } }",
    'tls names more than one certificate; give { certificate, key }, { acme }, { secretName }, { issuer } or { clusterIssuer }, one of them',
  ),
  inStack(
    "{ tls: { certificate: { file: 'a.pem' } } }",
    'tls.key is missing; a certificate and its key belong together',
  ),
  inStack(
    "{ tls: { certificate: { file: 'a.pem' }, key: { file: 'a.pem' } } }",
    'tls.certificate and tls.key are the same secret; make two, since everybody sees the certificate and nobody the key',
  ),
  inStack("{ tls: { certificate: {}, key: '-----BEGIN PRIVATE KEY-----' } }", 'tls.key must be an object, got a text'),
  inStack(
    "{ tls: { secretName: 'a', hsts: -1, http3: 'on', redirct: false } }",
    'tls.hsts must be a whole number of seconds from 0 to 63072000, or false, got -1',
    'tls.http3 must be true or false, got "on"',
    'unknown prop tls.redirct; did you mean redirect?',
  ),
  inStack(
    "{ tls: { clusterIssuer: 'Let us encrypt' } }",
    'tls.clusterIssuer must be the name of an object of the cluster, got "Let us encrypt"',
  ),
  inStack(
    "{ tls: { acme: { email: 'ops', directory: 'http://ca.example.com', directoryRoot: {}, mail: 'x' } } }",
    'tls.acme.email must be an address such as "ops@example.com", got "ops"',
    'tls.acme.directory must be an https URL without credentials, such as "https://ca.example.com/directory", got "http://ca.example.com"',
    'unknown prop tls.acme.mail; did you mean email?',
  ),
  inStack(
    "{ tls: { acme: { directory: 'https://ca.example.com/' } } }",
    'tls.acme.email is missing; name whom the certificate authority may write to',
  ),
  inStack(
    "{ tls: { acme: { email: 'ops@example.com', token: '0123456789' } } }",
    'tls.acme.token must be an object, got a text',
  ),
  inStack(
    "{ tls: { acme: { email: 'ops@example.com' } } }",
    'tls.acme gets a certificate for hosts, but no app has any; name them with hosts',
  ),
  stackFile(
    'more hosts than a certificate can name',
    file(
      app('hosts: Array.from({ length: 100 }, (_, n) => `h${n}.example.com`)'),
      "'shop', { tls: { acme: { email: 'ops@example.com' } }, redirects: { 'www.example.com': 'h1.example.com' } }",
    ),
    'stacks/shop.ts:2:15 shop: tls.acme gets one certificate for all hosts and redirects, which are 101, but authorities put at most 100 into one; make several stacks of it',
  ),
  stackFile(
    'an app of the name of the service that gets a certificate',
    file(app("hosts: ['a.example.com']", "'acme'"), "'shop', { tls: { acme: { email: 'ops@example.com' } } }"),
    'stacks/shop.ts:3:1 shop/acme: the id "acme" is taken by the service that gets the certificate for tls.acme; choose another',
  ),
  stackFile(
    'the root of a certificate authority that comes from nowhere',
    file(app("hosts: ['a.example.com']"), "'shop', { tls: { acme: { email: 'ops@example.com', directoryRoot: {} } } }"),
    'stacks/shop.ts:2:15 shop: tls.acme.directoryRoot must have one of file and content; file: "./root.pem" takes the text of a file',
  ),
  stackFile(
    'the secret of a certificate in an app',
    file(app("secrets: [stack.node.findChild('tls_key')]"), "'shop', { tls: { certificate: {}, key: {} } }"),
    'stacks/shop.ts:3:1 shop/api: the secret tls_key is of tls, and for the edge alone; take it out of the app',
  ),
  stackFile(
    'a secret of the name of the key of a certificate',
    file(`${app()}\nnew Secret(stack, 'tls_key');`, "'shop', { tls: { certificate: {}, key: {} } }"),
    'stacks/shop.ts:4:1 shop/tls_key-2: the id "tls_key" is already taken in shop; give each construct its own',
  ),
  inStack(
    "{ defaults: '2026-12' }",
    'defaults must be one of 2026-11, got "2026-12"; a later date needs a later release of asgi-synth',
  ),
  inStack(
    '{ defaults: 2026 }',
    'defaults must be one of 2026-11, got 2026; a later date needs a later release of asgi-synth',
  ),
  inStack("{ edge: 'traefik' }", 'edge must be "nginx", "none" or { network }, got "traefik"'),
  inStack('{ edge: {} }', 'edge.network is missing; name the network of the edge'),
  inStack("{ edge: { netwrok: 'x' } }", 'unknown prop edge.netwrok; did you mean network?'),
  inStack(
    "{ ingress: {}, gateway: { name: 'x' } }",
    'ingress and gateway exclude each other; keep the one that the cluster serves',
  ),
  inStack('{ gateway: {} }', 'gateway.name is missing; name the Gateway to attach to'),
  inStack("{ edge: 'none', ingress: {} }", 'edge: "none" excludes ingress and gateway; keep one of them'),
  inStack(
    "{ trustedProxies: ['192.168.1.1/24', 'fd00::1/64', 'fe80::1%eth0', '10.0.0.0/8'] }",
    'trustedProxies[0] must be an address range such as "10.0.0.0/8", got "192.168.1.1/24"',
    'trustedProxies[1] must be an address range such as "10.0.0.0/8", got "fd00::1/64"',
    'trustedProxies[2] must be an address range such as "10.0.0.0/8", got "fe80::1%eth0"',
  ),
  inStack(
    "{ labels: { team: 'a b' } }",
    'labels.team must be a label value: letters, digits, "-", "_" and ".", at most 63, got "a b"',
  ),
  inStack(
    "{ accept: { 'http-prt': 'internal' } }",
    'accept names an unknown problem "http-prt"; did you mean http-port?',
  ),
  inStack("{ accept: ['http-port'] }", 'accept must be an object, got a list'),
  inStack("{ namespace: 'shop' }", 'namespace must be an object, got "shop"'),
  inStack("{ directory: './nope' }", 'directory must be a folder that is there, got "./nope"'),
  inStack(
    "{ registry: 'https://ghcr.io' }",
    'registry must be a registry and path without scheme, such as "ghcr.io/acme", got "https://ghcr.io"',
  ),
  inStack("{ images: { ngnix: 'a/b:1' } }", 'image "ngnix" belongs to nothing in the stack; did you mean nginx?'),
  inStack(
    "{ allowFrom: [{ pods: { a: 'b' }, cidr: '10.0.0.0/8' }] }",
    'allowFrom[0] must name either a cidr, or a namespace and pods',
  ),
  stackFile(
    'patch with an unknown operation',
    patched('Compose.of(api)', "{ op: 'ad', path: '/x', value: 1 }"),
    `stacks/shop.ts:3:13 shop/api: ${patch}`,
  ),
  stackFile(
    'patch with a value that is no JSON',
    patched('Compose.of(api)', "{ op: 'add', path: '/x', value: () => 1 }"),
    `stacks/shop.ts:3:13 shop/api: ${patch}`,
  ),
  stackFile(
    'patch of the whole',
    patched('Compose.of(api)', "{ op: 'replace', path: '', value: 5 }"),
    `stacks/shop.ts:3:13 shop/api: ${patch}`,
  ),
  stackFile(
    'patch below nothing',
    patched('Compose.of(api)', "{ op: 'add', path: '/x/y', value: 1 }"),
    'stacks/shop.ts:3:13 shop/api: patch cannot add "/x/y": there is nothing at "/x"; the emitted object shows the paths that are there',
  ),
  stackFile(
    'patch with an unknown key',
    patched('Compose.of(api)', "{ op: 'add', path: '/imgae', value: 1 }"),
    'stacks/shop.ts:3:13 shop/api: patch is wrong: unknown key imgae; did you mean image?',
  ),
  stackFile(
    'patch that removes nothing',
    patched('Compose.of(stack)', "{ op: 'remove', path: '/services/web' }"),
    'stacks/shop.ts:2:15 shop: patch cannot remove "/services/web": there is nothing at "/services/web"; the emitted object shows the paths that are there',
  ),
  stackFile(
    'patch of a secret',
    patched("Compose.of(new Secret(stack, 'key'))", "{ op: 'add', path: '/x', value: 1 }"),
    'stacks/shop.ts:4:12 shop/key: only an AsgiApp, a Worker, a Job, a Schedule, a database and the Stack can be patched; a patch of the stack reaches everything in the file',
  ),
  stackFile(
    'patch of nothing',
    patched('Compose.of(undefined)', "{ op: 'add', path: '/x', value: 1 }"),
    'stacks/shop.ts:4:23: TypeError: of() takes an AsgiApp or the Stack, got nothing',
  ),
  inStack("{ accessLog: 'csv' }", 'accessLog must be "json", "combined" or "none", got "csv"'),
  inStack("{ requestId: 'X-Id' }", 'requestId must be true or false, got "X-Id"'),
  stackFile(
    'two ids of a request',
    file(app("responseHeaders: { 'x-request-id': '1' }"), "'shop', { requestId: true }"),
    'stacks/shop.ts:3:1 shop/api: responseHeaders["x-request-id"] is what requestId of the stack says; drop one of them',
  ),
  stackFile(
    'a worker that sets the DSN anew',
    file(
      `const api = ${app("sentry: { dsn: new Secret(stack, 'dsn') }")}\nnew Worker(stack, 'w', { app: api, command: ['x'], environment: { SENTRY_DSN: 'canary' } });`,
    ).replace('Volume }', 'Volume, Worker }'),
    'stacks/shop.ts:4:1 shop/w: environment.SENTRY_DSN is set by a secret of the app as well; drop one of them',
  ),
];

/** What is wrong with a config file that line 3 makes. */
const configFile = (props: string, ...messages: readonly string[]): Case => ({
  title: `ConfigFile ${props}`,
  files: {
    'stacks/shop.ts': file(`new ConfigFile(stack, 'settings', ${props});\n${app()}`),
    'folder/inside': '',
    empty: '',
    binary: new Uint8Array([0x61, 0, 0x62]),
    latin1: new Uint8Array([0x61, 0xe9, 0x62]),
    large: 'x'.repeat(2 ** 20 + 1),
  },
  stderr: messages.map((message) => `stacks/shop.ts:3:1 shop/settings: ${message}`),
});

const CONFIG_FILE_CASES: readonly Case[] = [
  configFile('{}', 'one of file and content is required; file: "./settings.toml" takes the text of a file'),
  configFile(
    "{ file: './x.toml', content: 'x' }",
    'file and content exclude each other; keep the one that holds the text',
  ),
  configFile(
    "{ file: '../x.toml' }",
    'file must be a relative path inside the project, such as "./settings.toml", got "../x.toml"',
  ),
  configFile(
    "{ content: '' }",
    'content must be a text of Unicode without NUL, of 1 byte to 1 MiB, got a text; put anything else into the image',
  ),
  configFile(
    "{ content: 'canary\\0' }",
    'content must be a text of Unicode without NUL, of 1 byte to 1 MiB, got a text; put anything else into the image',
  ),
  configFile(
    '{ content: { canary: 1 } }',
    'content must be a text of Unicode without NUL, of 1 byte to 1 MiB, got an object; put anything else into the image',
  ),
  configFile(
    "{ contents: 'x' }",
    'unknown prop contents; did you mean content?',
    'one of file and content is required; file: "./settings.toml" takes the text of a file',
  ),
  configFile(
    "{ file: './missing.toml' }",
    'file "./missing.toml" is not a file that can be read; its path goes from the project root',
  ),
  configFile("{ file: 'folder' }", 'file "folder" is not a file that can be read; its path goes from the project root'),
  configFile(
    "{ file: 'empty' }",
    'file "empty" has 0 bytes, and must have 1 to 1048576 of them; put a larger one into the image or a volume',
  ),
  configFile(
    "{ file: 'large' }",
    'file "large" has 1048577 bytes, and must have 1 to 1048576 of them; put a larger one into the image or a volume',
  ),
  configFile("{ file: 'binary' }", 'file "binary" is not text in UTF-8; put it into the image or a volume'),
  configFile("{ file: 'latin1' }", 'file "latin1" is not text in UTF-8; put it into the image or a volume'),
  stackFile(
    'ConfigFile of another stack, and one with the id of an app',
    file(
      `const other = new Stack('other');\n${app("files: { '/etc/x': new ConfigFile(other, 'x', { content: 'x' }) }")}\nnew ConfigFile(stack, 'api2', { content: 'x' });\n${app('', "'api2'")}`,
    ),
    'stacks/shop.ts:4:1 shop/api: other/x belongs to another stack; make one in shop',
    'stacks/shop.ts:6:1 shop/api2-2: the id "api2" is already taken in shop; give each construct its own',
    'stacks/shop.ts:6:1 shop/api2-2: any host with path prefix / is already answered by shop/api; give one of them another host or pathPrefix',
  ),
];

const FILE_CASES: readonly Case[] = [
  stackFile(
    'no default export',
    'export const x = 1;\n',
    'stacks/shop.ts has no default export; end it with: export default stack',
  ),
  stackFile(
    'default export 5',
    'export default 5;\n',
    'stacks/shop.ts: the default export must be a Stack or a function that returns one, got 5',
  ),
  stackFile(
    'default export a class',
    "import { Stack } from 'asgi-synth';\nexport default Stack;\n",
    'stacks/shop.ts: the default export must be a Stack or a function that returns one, got a class',
  ),
  stackFile(
    'default export returns nothing',
    'export default () => {};\n',
    'stacks/shop.ts: the default export must be a Stack or a function that returns one, got nothing',
  ),
  stackFile(
    'a Stack of another copy',
    'class Stack {}\nexport default new Stack();\n',
    'stacks/shop.ts: the stack was made by another copy of asgi-synth; import { Stack } from "asgi-synth" alone',
  ),
  stackFile(
    'syntax error',
    'const x: number = ;\nexport default x;\n',
    'stacks/shop.ts:1:19: syntax error: Unexpected token',
  ),
  stackFile(
    "Python's True",
    "import { Stack } from 'asgi-synth';\nexport default new Stack('shop', { requestId: True });\n",
    'stacks/shop.ts:2:47: ReferenceError: True is not defined; in TypeScript it is true',
  ),
  stackFile(
    "Python's comment",
    "# the shop\nimport { Stack } from 'asgi-synth';\n",
    'stacks/shop.ts:1:1: syntax error: Unexpected token; a comment begins with //, not with #',
  ),
  stackFile(
    "Python's keyword argument",
    "import { Stack } from 'asgi-synth';\nexport default new Stack('shop', {\n  httpPort=8080,\n});\n",
    'stacks/shop.ts:3:11: syntax error: Invalid shorthand property initializer; a prop is written name: value, not name=value',
  ),
  stackFile(
    'comma that is missing',
    "import { Stack } from 'asgi-synth';\nexport default new Stack('shop', {\n  httpPort: 8080\n  requestId: true,\n});\n",
    'stacks/shop.ts:4:3: syntax error: Unexpected token, expected ","; is a comma missing at the end of the line above?',
  ),
  stackFile(
    "Python's name of the package",
    "import { Stack } from 'asgi_synth';\nexport default new Stack('shop');\n",
    "stacks/shop.ts:1:1: Cannot find module 'asgi_synth'; the package is 'asgi-synth'",
  ),
  stackFile('syntax error at the end', 'export default {\n', 'stacks/shop.ts:2:1: syntax error: Unexpected token'),
  stackFile('binary', '\0\u0001', "stacks/shop.ts:1:1: syntax error: Unexpected character '\\u0000'"),
  stackFile(
    'error thrown behind types',
    'interface A { readonly b: string }\nconst f = (a: A): never => { throw new Error(`boom\\n${a.b}`); };\nexport default f({ b: "second line" });\n',
    'stacks/shop.ts:2:36: boom',
  ),
  stackFile(
    'error thrown in an async function',
    'export default async () => {\n  await null;\n  throw new RangeError("boom");\n};\n',
    'stacks/shop.ts:3:9: RangeError: boom',
  ),
  stackFile(
    'error thrown in an async function that awaits another',
    'const load = async (): Promise<number> => {\n  await new Promise((r) => setTimeout(r, 1));\n  throw new Error("boom");\n};\nexport default async () => {\n  const x: number = await load();\n  return x;\n};\n',
    'stacks/shop.ts:3:9: boom',
  ),
  stackFile(
    'text thrown',
    'throw "boom";\n',
    'stacks/shop.ts:1:1: the stack file threw "boom"; throw an Error to say what is wrong',
  ),
  stackFile(
    'nothing thrown',
    'throw null;\n',
    'stacks/shop.ts:1:1: the stack file threw null; throw an Error to say what is wrong',
  ),
  stackFile(
    'error without words',
    'throw new TypeError();\n',
    'stacks/shop.ts:1:7: the stack file threw an error without a message (TypeError); give it one',
  ),
  stackFile(
    'error that colours',
    'throw new Error("\\u001b[31mred\\u009b0m\\u202e\\u2028");\n',
    'stacks/shop.ts:1:7: \\u001b[31mred\\u{9b}0m\\u{202e}\\u{2028}',
  ),
  stackFile('error of 64 KB', 'throw new Error("x".repeat(65536));\n', `stacks/shop.ts:1:7: ${'x'.repeat(979)}…`),
  stackFile(
    'import that is not there',
    "import { x } from './nope.js';\nexport default x;\n",
    "stacks/shop.ts:1:1: Cannot find module './nope.js'",
  ),
  stackFile(
    'name that asgi-synth does not have',
    "import { Stak } from 'asgi-synth';\nexport default new Stak('x');\n",
    'stacks/shop.ts:2:16: TypeError: Stak is not a constructor',
  ),
  {
    title: 'mistake in a file that the stack file imports',
    files: {
      'stacks/shop.ts':
        "import { Stack } from 'asgi-synth';\nimport { add } from '../lib/apps.ts';\nconst stack = new Stack('shop');\nadd(stack);\nexport default stack;\n",
      'lib/apps.ts':
        "import { AsgiApp, type Stack } from 'asgi-synth';\nexport function add(stack: Stack): void {\n  new AsgiApp(stack, 'api', { image: 'a', module: 'bad' });\n}\n",
    },
    stderr: ['lib/apps.ts:3:3 shop/api: module must be an import string such as "main:app", got "bad"'],
  },
  {
    title: 'syntax error in a file that the stack file imports',
    files: { 'stacks/shop.ts': "import '../lib/apps.ts';\n", 'lib/apps.ts': 'export function {\n' },
    stderr: ['lib/apps.ts:1:17: syntax error: Unexpected token'],
  },
  {
    title: 'mistake in a file with BOM and CRLF',
    files: { 'stacks/shop.ts': `\ufeff${file(app('processes: 0')).replaceAll('\n', '\r\n')}` },
    stderr: ['stacks/shop.ts:3:1 shop/api: processes must be a whole number from 1 to 1000, got 0'],
  },
  {
    title: 'no stack file',
    files: {},
    stderr: [
      'no stack file found in stacks/ and no stack.ts; npx synth init writes one, and --stack names one that is elsewhere',
    ],
  },
  {
    title: 'stacks is a file',
    files: { stacks: '' },
    stderr: [
      'no stack file found in stacks/ and no stack.ts; npx synth init writes one, and --stack names one that is elsewhere',
    ],
  },
  {
    title: 'folder named as a stack file',
    files: { 'stacks/a.ts/b': '' },
    stderr: [
      'no stack file found in stacks/ and no stack.ts; npx synth init writes one, and --stack names one that is elsewhere',
    ],
  },
  {
    title: 'two stack files',
    files: { 'stacks/a.ts': file(app()), 'stacks/b.ts': file(app()) },
    code: 2,
    stderr: ['stacks/ holds a.ts, b.ts; name one with --stack'],
  },
  {
    ...commandLine('--target swarm --stack nope.ts', 1),
    stderr: ['stack file "nope.ts" does not exist; name one with --stack'],
  },
  {
    ...commandLine('--target swarm --stack stacks', 1),
    stderr: ['stack file "stacks" is not a file; name one with --stack'],
  },
  {
    title: 'stack file that is no TypeScript',
    files: { 'stack.yaml': 'a: b\n' },
    args: ['--target', 'swarm', '--stack', 'stack.yaml'],
    stderr: ['stack file "stack.yaml" must be TypeScript or JavaScript; name one that ends in .ts, .mts, .js or .mjs'],
  },
  {
    title: 'broken lock file',
    files: { 'stacks/shop.ts': file(app()), 'asgi-synth.lock.json': '{"schemaVersion":1,"images":{"a":"latest"}}' },
    stderr: [
      'asgi-synth.lock.json cannot be read: it must hold { "schemaVersion": 1, "images": { REFERENCE: "sha256:…" } }; mend or delete it',
    ],
  },
];

const REQUIREMENTS = [
  'fastapi==0.136.0',
  'uvicorn[standard]==0.51.0',
  'starlette==1.0.1',
  'h11==0.16.0',
  'uvloop==0.22.1',
  'httptools==0.7.1',
  '',
];

/** A mistake in the folder of an app. */
const inSource = (title: string, files: Case['files'], message: string, props = ''): Case => ({
  title,
  files: { 'stacks/shop.ts': file(app(`source: './api', image: undefined, ${props}`)), ...files },
  stderr: [`stacks/shop.ts:3:1 shop/api: ${message}`],
});

const LOCKS = 'uv.lock, poetry.lock, pdm.lock, pylock.toml or requirements.txt';

const SOURCE_CASES: readonly Case[] = [
  inSource(
    'a source that is not there',
    {},
    'source "./api" is not a folder; it is taken relative to the folder that synth runs in',
  ),
  inSource(
    'a source that is a file',
    { api: '' },
    'source "./api" is not a folder; it is taken relative to the folder that synth runs in',
  ),
  inSource(
    'a source without a lock file',
    { 'api/main.py': 'app = None\n' },
    `source "./api" has no lock file (${LOCKS}), without which no image can be built twice the same; run there: uv init --bare && uv add fastapi 'uvicorn[standard]'`,
  ),
  inSource(
    'a broken lock file',
    { 'api/main.py': 'app = None\n', 'api/pyproject.toml': '', 'api/uv.lock': 'version = \n' },
    'uv.lock is not TOML at line 1, column 11: invalid value; mend it, or let your package manager write it anew',
  ),
  inSource(
    'a module that is not there',
    { 'api/requirements.txt': REQUIREMENTS.join('\n'), 'api/web.py': 'app = None\n' },
    'module "main:app" names a file main.py that source does not hold; it is looked for in source and in its src folder',
  ),
  inSource(
    'an application that is not there',
    { 'api/requirements.txt': REQUIREMENTS.join('\n'), 'api/main.py': 'web = None\n' },
    'module "main:app" names app, which its file does not hold; name the application that it makes',
  ),
  inSource(
    'a Dockerfile that is not there',
    { 'api/requirements.txt': REQUIREMENTS.join('\n'), 'api/main.py': 'app = None\n' },
    'build.dockerfile "Dockerfile" is not a file in source "./api"; name one that is there',
    "build: { dockerfile: 'Dockerfile' }",
  ),
];

const accept = (id: string) => `(to accept it, give the stack accept: { '${id}': 'why' })`;

const PROBLEM_CASES: readonly Case[] = [
  {
    ...inStack(
      "{ capacity: { memory: '600Mi' } }",
      `capacity.memory is 600Mi, but the containers may take 1344Mi together, and 2432Mi while an update starts new ones beside the old; lower memory or processes, or give it more ${accept('capacity')}`,
    ),
    args: ['--target', 'bare-metal'],
  },
  ...[
    ['bare-metal', 'a host with Docker Compose'],
    ['swarm', 'a Swarm'],
  ].map(([target = '', place]) => ({
    ...inApp(
      'processes: { min: 2, max: 8 }',
      `processes is a range from 2 to 8, but ${place} does not change the number by the load; give one number, or accept that it is always 8 ${accept('processes-range')}`,
    ),
    title: `a range of processes on ${target}`,
    args: ['--target', target],
  })),
  {
    ...inApp(
      'requestTimeout: 120',
      `requestTimeout is 120, but a Swarm waits at most 60 s for a stopping task (moby#36111), so an update would cut longer requests; use 60 or less, or hand long work to a worker ${accept('request-timeout')}`,
    ),
    args: ['--target', 'swarm'],
  },
  {
    ...inStack(
      "{ httpPort: '127.0.0.1:80', allowTo: [{ cidr: '10.0.0.0/8' }] }",
      `allowTo asks for a network policy, which a Swarm does not have; use the firewall of its machines ${accept('network-policy')}`,
      `httpPort binds the address 127.0.0.1, but a Swarm publishes a port on every address of its nodes; use the port alone and a firewall ${accept('http-port')}`,
    ),
    args: ['--target', 'swarm'],
  },
  {
    ...stackFile(
      'shared volume on the local driver of a Swarm',
      file(app("volumes: { '/d': new Volume(stack, 'd', { shared: true }) }")),
      `stacks/shop.ts:3:87 shop/d: shared is true, but the local driver of a Swarm keeps a volume of its own on each node; name a driver that shares, such as { driver: "local", driverOptions: { type: "nfs", … } } ${accept('shared-volume')}`,
    ),
    args: ['--target', 'swarm'],
  },
  stackFile(
    'props of an edge without an edge',
    file(app("hosts: ['a.example.com'], pathPrefix: '/x', bodyLimit: '1Mi'"), "'shop', { edge: 'none' }"),
    ...['hosts', 'pathPrefix', 'bodyLimit'].map(
      (prop) =>
        `stacks/shop.ts:3:1 shop/api: ${prop} is what an edge does, and this stack has none of its own; take out edge, or configure yours and accept this ${accept('hosts-without-edge')}`,
    ),
  ),
  ...[
    ['bare-metal', 'a host with Docker Compose'],
    ['swarm', 'a Swarm'],
  ].map(([target = '', place]) => ({
    ...inStack(
      "{ tls: { clusterIssuer: 'letsencrypt' }, httpsPort: 8443 }",
      `tls names the ClusterIssuer letsencrypt of a cluster, which ${place} does not have; give { acme } or { certificate, key } there, or accept that it serves HTTP alone ${accept('tls-certificate')}`,
      `httpsPort asks for port 8443, but nothing of this stack takes HTTPS there; take httpsPort out ${accept('http-port')}`,
    ),
    title: `an issuer of certificates on ${target}`,
    args: ['--target', target],
  })),
  ...['bare-metal', 'swarm'].flatMap((target) =>
    [
      ['httpPort: 8080', '8080'],
      ["httpPort: '127.0.0.1:80'", '80 of 127.0.0.1 alone'],
    ].map(([props = '', port]) => ({
      ...stackFile(
        `a port that no certificate authority asks, ${props} on ${target}`,
        file(app("hosts: ['a.example.com']"), `'shop', { tls: { acme: { email: 'ops@example.com' } }, ${props} }`),
        `stacks/shop.ts:2:15 shop: tls.acme has each host asked on port 80, but httpPort is ${port}; use port 80, name the balancer in front with trustedProxies, or accept this where something else leads port 80 of the hosts there ${accept('acme-http-port')}`,
        ...(target === 'swarm' && props.includes('127')
          ? [
              `stacks/shop.ts:2:15 shop: httpPort binds the address 127.0.0.1, but a Swarm publishes a port on every address of its nodes; use the port alone and a firewall ${accept('http-port')}`,
            ]
          : []),
      ),
      args: ['--target', target],
    })),
  ),
  {
    ...stackFile(
      'a certificate that a stack gets itself in a cluster',
      file(app("hosts: ['a.example.com']"), "'shop', { tls: { acme: { email: 'ops@example.com' } } }"),
      `stacks/shop.ts:2:15 shop: tls.acme has the stack get its certificate itself, but in a cluster that is for cert-manager to do; use tls: { issuer } or { clusterIssuer } with an Ingress, tls: { secretName } with a Certificate of your own, or accept that there is HTTP alone ${accept('tls-certificate')}`,
    ),
    args: ['--target', 'kubernetes'],
  },
  {
    ...inStack(
      "{ edge: 'none', tls: { certificate: {}, key: {} } }",
      `tls is what an edge does, and this stack has none of its own; take out edge, or let yours serve HTTPS and accept this ${accept('tls-without-edge')}`,
    ),
  },
  {
    ...inStack(
      '{ tls: { certificate: {}, key: {}, redirect: true } }',
      `tls of an Ingress is for hosts that it names, but shop/api has no hosts; name them, or use edge: "nginx" without ingress and gateway ${accept('tls-hosts')}`,
      `tls.redirect is up to the controller of an Ingress, which has settings of its own for that; leave it out, use edge: "nginx" without ingress and gateway, or set it there and accept this ${accept('tls-redirect')}`,
    ),
    args: ['--target', 'kubernetes'],
  },
  {
    ...inStack(
      "{ edge: 'nginx', tls: { certificate: {}, key: {}, http3: true } }",
      `tls.http3 needs a balancer that takes the port of HTTPS over UDP beside TCP, which not every cluster has; leave it out, let an Ingress or a Gateway with HTTP/3 of its own stand before nginx, or accept that clients stay at HTTP/2 ${accept('tls-http3')}`,
    ),
    args: ['--target', 'kubernetes'],
  },
  {
    ...stackFile(
      'HTTP/3 of an Ingress',
      file(app("hosts: ['a.example.com']"), "'shop', { tls: { clusterIssuer: 'letsencrypt', http3: true } }"),
      `stacks/shop.ts:2:15 shop: tls.http3 is up to the controller of an Ingress, which has settings of its own for that; leave it out, or set it there and accept this ${accept('tls-http3')}`,
    ),
    args: ['--target', 'kubernetes'],
  },
  {
    ...inStack(
      "{ gateway: { name: 'public' }, tls: { certificate: {}, key: {} } }",
      `tls names a certificate, but a Gateway has those of its own listeners; let whoever runs the Gateway public put one into its listener https, and accept this: the routes attach to that listener alone ${accept('tls-certificate')}`,
    ),
    args: ['--target', 'kubernetes'],
  },
  {
    ...inStack(
      "{ edge: { network: 'proxy' }, httpPort: 8080 }",
      `httpPort asks for port 8080, but the edge on the network has ports of its own; take httpPort out ${accept('http-port')}`,
    ),
  },
];

const COMMAND_LINES: readonly Case[] = [
  commandLine('', 2, '--target is missing; choose one of bare-metal, swarm, kubernetes, all'),
  commandLine('--target swarn', 2, 'unknown target "swarn"; did you mean swarm?'),
  commandLine('--target heroku', 2, 'unknown target "heroku"; known are bare-metal, swarm, kubernetes, all'),
  commandLine(
    '--target swarm --target kubernetes',
    2,
    '--target is given twice, with "swarm" and "kubernetes"; keep one of them',
  ),
  commandLine('--target', 2, "option '--target <name>' argument missing; give it one"),
  commandLine('--tagret swarm', 2, "unknown option '--tagret'; did you mean --target?"),
  commandLine('--foo', 2, "unknown option '--foo'; --help lists what there is"),
  commandLine('swarm', 2, 'unexpected "swarm"; did you mean --target swarm?'),
  commandLine('lits', 2, 'unexpected "lits"; did you mean list?'),
  commandLine('--target swarm more', 2, 'unexpected "more"; --help lists what may stand there'),
  commandLine('list more', 2, 'unexpected "more"; --help lists what may stand there'),
  commandLine('list --jsno', 2, "unknown option '--jsno'; did you mean --json?"),
  commandLine(
    '--target swarm --image nginx',
    2,
    '--image takes NAME=REFERENCE, such as nginx=mirror.example.com/nginx:1.30.4, got "nginx"',
  ),
  commandLine(
    '--target swarm --image =x',
    2,
    '--image takes NAME=REFERENCE, such as nginx=mirror.example.com/nginx:1.30.4, got "=x"',
  ),
  commandLine(
    '--target swarm --image nginx=Bad',
    1,
    'image "nginx" must be an image reference such as "ghcr.io/acme/api:1.4.2", got "Bad"',
  ),
  commandLine(
    '--target swarm --image ngnix=a/b:1',
    1,
    'image "ngnix" belongs to nothing in the stack; did you mean nginx?',
  ),
  commandLine(
    '--target swarm --stage Bad!',
    1,
    `the stage must be ${LABEL}, with no hyphen at an end (DNS-1123 label), got "Bad!"`,
  ),
  commandLine(
    `--target swarm --stage ${'x'.repeat(50)}`,
    1,
    `the deployed name "shop-${'x'.repeat(50)}" has 55 characters, at most 44 are possible; shorten the stack's name or the stage`,
  ),
  commandLine(
    '--target swarm --tag latest',
    1,
    'the tag must not be latest: what runs could not be told from what ran before; leave it out for a hash of the content',
  ),
  commandLine(
    '--target swarm --tag a/b',
    1,
    'the tag must be letters, digits, "_", "." and "-", at most 101, got "a/b"',
  ),
  {
    ...commandLine('--target swarm --out', 2),
    title: "synth --out ''",
    args: ['--target', 'swarm', '--out', ''],
    stderr: ['--out is empty; give it a value or leave it out'],
  },
  {
    title: 'wrong options and a wrong stack at once',
    files: { 'stacks/shop.ts': file(app('processes: 0')) },
    args: ['--target', 'all', '--tag', 'latest', '--stage', 'B'],
    stderr: [
      `the stage must be ${LABEL}, with no hyphen at an end (DNS-1123 label), got "B"`,
      'the tag must not be latest: what runs could not be told from what ran before; leave it out for a hash of the content',
      'stacks/shop.ts:3:1 shop/api: processes must be a whole number from 1 to 1000, got 0',
    ],
  },
  {
    title: 'list of a wrong stack',
    files: { 'stacks/shop.ts': file(app('processes: 0')) },
    args: ['list'],
    stderr: ['stacks/shop.ts:3:1 shop/api: processes must be a whole number from 1 to 1000, got 0'],
  },
];

const LIFE_COMMAND_LINES: readonly Case[] = [
  ...['deploy', 'diff', 'status', 'logs', 'rollback', 'destroy', 'run api -- sh'].map((args) =>
    commandLine(args, 2, '--target is missing; choose one of bare-metal, swarm, kubernetes'),
  ),
  commandLine('build', 2, '--target is missing; choose one of bare-metal, swarm, kubernetes, all'),
  commandLine(
    'deploy --target all',
    2,
    'synth deploy takes one target at a time; choose one of bare-metal, swarm, kubernetes',
  ),
  commandLine('deploi --target swarm', 2, 'unexpected "deploi"; did you mean deploy?'),
  commandLine('deploy --target swarm more', 2, 'unexpected "more"; --help lists what may stand there'),
  commandLine('rollback 1 2 --target swarm', 2, 'unexpected "2"; --help lists what may stand there'),
  commandLine('deploy --target swarm --contxt x', 2, "unknown option '--contxt'; did you mean --context?"),
  commandLine(
    'deploy --target swarm --context a --context b',
    2,
    '--context is given twice, with "a" and "b"; keep one of them',
  ),
  commandLine('deploy --target swarm --timeout 0', 2, '--timeout must be a whole number from 1 to 86400, got "0"'),
  commandLine('deploy --target swarm --timeout 5m', 2, '--timeout must be a whole number from 1 to 86400, got "5m"'),
  commandLine('rollback two --target swarm', 2, 'the release must be a whole number from 1 to 1000000, got "two"'),
  commandLine('logs --target swarm --tail -1', 2, '--tail must be a whole number from 0 to 1000000, got "-1"'),
  commandLine('run --target swarm', 2, "missing required argument 'app'; --help lists what there is"),
  commandLine(
    'build --target swarm --platform linux/amd64,linux/arm64',
    2,
    'an image for several platforms can only be pushed; add --push, or name one platform',
  ),
  commandLine(
    'build --target swarm --platform amd64',
    2,
    '--platform takes platforms with commas between, such as linux/amd64,linux/arm64, got "amd64"',
  ),
  {
    ...commandLine('build --target all', 1, ''),
    title: 'secrets of a build that are given nowhere, and a registry that is not there',
    args: ['build', '--target', 'all', '--push'],
    files: {
      'stacks/shop.ts': file(
        "new AsgiApp(stack, 'api', { source: 'api', module: 'main:app', build: { secrets: { pip: { environment: 'NO_SUCH_TOKEN' }, rc: { file: 'no/.netrc' } } } });",
      ),
      'api/main.py': 'app = None\n',
      'api/requirements.txt':
        'uvicorn==0.51.0\ngunicorn==26.1.0\nuvicorn-worker==0.4.0\nuvloop==0.22.1\nhttptools==0.7.1\nh11==0.16.0\n',
    },
    stderr: [
      'stacks/shop.ts:3:1 shop/api: build.secrets.pip is the variable NO_SUCH_TOKEN, which is not set; set it and build again',
      'stacks/shop.ts:3:1 shop/api: build.secrets.rc is the file "../../../no/.netrc", which is not there; write it and build again',
      'shop: there is nowhere to push to; give the stack a registry, such as "ghcr.io/acme", or leave out --push',
    ],
  },
];

const CASES = {
  APP_CASES,
  TREE_CASES,
  CONFIG_FILE_CASES,
  FILE_CASES,
  SOURCE_CASES,
  PROBLEM_CASES,
  COMMAND_LINES,
  LIFE_COMMAND_LINES,
};

const PAGES: Readonly<Record<keyof typeof CASES, string>> = {
  APP_CASES: 'app',
  TREE_CASES: 'stack',
  CONFIG_FILE_CASES: 'config-file',
  FILE_CASES: 'stack-file',
  SOURCE_CASES: 'source',
  PROBLEM_CASES: 'problems',
  COMMAND_LINES: 'command-line',
  LIFE_COMMAND_LINES: 'command-line-of-a-deployment',
};

describe.each(Object.entries(CASES))('%s', (name, cases) => {
  const met: Met[] = [];
  test.each(cases)('refuses $title', async ({ title, files, args = ['--target', 'bare-metal'], code = 1, stderr }) => {
    using project = makeProject(files);
    const before = project.contents();

    const result = await runCli(project.directory, ...args);
    met.push({ title, args, ...result });

    expect(result).toEqual({ code, stdout: '', stderr: stderr.map((line) => `${line}\n`).join('') });
    expect(result.stderr).not.toMatch(/canary|^ {4}at /m);
    expect(project.contents()).toEqual(before);
  });

  test('says it as its page has it', async ({ skip }) => {
    skip(met.length < cases.length, 'not all of it was asked for');
    await expectPage(PAGES[name as keyof typeof CASES], met);
  });
});

test('covers at least 60 mistakes, each with a title of its own', () => {
  const titles = Object.values(CASES).flatMap((cases) => cases.map(({ title }) => title));
  expect(titles.length).toBeGreaterThan(60);
  expect(new Set(titles).size).toBe(titles.length);
});

test('says the same as JSON, for wrong stacks and wrong command lines', async () => {
  using project = makeProject({ 'stacks/shop.ts': file(app('processes: 0')) });

  const wrongStack = await runCli(project.directory, '--target', 'swarm', '--json');
  const wrongOption = await runCli(project.directory, '--tagret', 'swarm', '--json');

  expect(JSON.parse(wrongStack.stdout)).toEqual({
    schemaVersion: 1,
    ok: false,
    errors: [
      {
        file: 'stacks/shop.ts',
        line: 3,
        column: 1,
        path: 'shop/api',
        message: 'processes must be a whole number from 1 to 1000, got 0',
      },
    ],
  });
  expect(JSON.parse(wrongOption.stdout)).toEqual({
    schemaVersion: 1,
    ok: false,
    errors: [{ message: "unknown option '--tagret'; did you mean --target?" }],
  });
});

describe('as the real command', () => {
  const met: Met[] = [];
  test.each([
    [
      'a mistake in a stack',
      file(app('processes: 0')),
      1,
      'stacks/shop.ts:3:1 shop/api: processes must be a whole number from 1 to 1000, got 0\n',
    ],
    [
      'a promise without an end',
      'await new Promise(() => {});\nexport default 1;\n',
      1,
      'stacks/shop.ts waits for something that never happens; look for a promise without an end\n',
    ],
    [
      'a rejection that nobody awaits',
      `${file(app())}void Promise.reject(new Error('boom'));\n`,
      1,
      'stacks/shop.ts:5:21: boom\n',
    ],
    [
      'an error in a timer',
      `${file(app())}setTimeout(() => { throw new Error('boom'); });\nawait new Promise((r) => setTimeout(r, 50));\n`,
      1,
      'stacks/shop.ts:5:26: boom\n',
    ],
  ])('refuses %s', async (title, content, code, stderr) => {
    using project = makeProject({ 'stacks/shop.ts': content }, 'a folder (1) with spaces');
    const before = project.contents();

    const result = await runBin(project.directory, '--target', 'bare-metal');
    met.push({ title, args: ['--target', 'bare-metal'], ...result });
    expect(result).toEqual({ code, stdout: '', stderr });
    expect(project.contents()).toEqual(before);
  });

  test('says it as its page has it', async ({ skip }) => {
    skip(met.length < 4, 'not all of it was asked for');
    await expectPage('real-command', met);
  });
});
