import { GOOD, SHOP, uvLock } from '../sources/folder.js';
import { ofStack, type Case } from './case.js';

const APP = "const api = new AsgiApp(stack, 'api', { image: 'acme/api:1', module: 'main:app' });\n";
const EDGE = `const api = new AsgiApp(stack, 'api', {
  image: 'acme/api:1',
  module: 'main:app',
  hosts: ['shop.example.com'],
  pathPrefix: '/api',
  bodyLimit: '10Mi',
  requestTimeout: 60,
  routes: { '/upload': { bodyLimit: '1Gi', requestTimeout: 120 } },
  responseHeaders: { 'X-Frame-Options': 'DENY' },
  rateLimit: { requestsPerSecond: 10 },
  sticky: 'cookie',
  metrics: '/metrics',
  nginx: { location: 'etag off;' },
});
`;
const REQUESTS =
  "redirects: { 'www.example.com': 'shop.example.com' }, accessLog: 'json', requestId: true, nginx: { server: 'etag off;' }";

const patched = (title: string, target: string, body: string) =>
  ofStack(title, target, `const stack = new Stack('shop');\n${APP}${body}\nexport default stack;\n`);

/** What a target cannot honour, and what it does not take. */
export const OF_TARGETS: readonly Case[] = [
  ofStack(
    'what an Ingress cannot say',
    'kubernetes',
    `const stack = new Stack('shop', { httpPort: 8080, ${REQUESTS}, capacity: { cpu: 1 } });
${EDGE}new AsgiApp(stack, 'slow', { image: 'acme/slow:1', module: 'main:app', requestTimeout: 120 });
new Volume(stack, 'data', { driver: 'local' });
const db = new Postgres(stack, 'db', { version: '18' });
new AsgiApp(stack, 'users', { image: 'acme/users:1', module: 'main:app', hosts: ['users.example.com'], processes: 8, connections: { DATABASE_URL: db.url('asyncpg', { pool: 20 }) } });
export default stack;
`,
  ),
  ofStack(
    'what nobody does in a cluster without an edge',
    'kubernetes',
    `const stack = new Stack('shop', { edge: 'none', ${REQUESTS} });
${EDGE}export default stack;
`,
  ),
  ofStack(
    'nginx in a cluster',
    'kubernetes',
    `const stack = new Stack('shop', { edge: 'nginx', httpPort: '127.0.0.1:8080', tls: { clusterIssuer: 'letsencrypt', http3: true } });
new AsgiApp(stack, 'api', { image: 'acme/api:1', module: 'main:app', metrics: '/metrics' });
new ConfigFile(stack, 'large', { content: 'x'.repeat(1_040_000) });
export default stack;
`,
  ),
  ofStack(
    'a Docker network, and an external certificate',
    'kubernetes',
    `const stack = new Stack('shop', { edge: { network: 'web' }, httpPort: 8080 });
${APP}export default stack;
`,
  ),
  ofStack(
    'a certificate that is two Secrets',
    'kubernetes',
    `const stack = new Stack('shop', { tls: { certificate: { external: 'shop-certificate' }, key: { external: 'shop-key' }, http3: true } });
new AsgiApp(stack, 'api', { image: 'acme/api:1', module: 'main:app', hosts: ['shop.example.com'] });
export default stack;
`,
  ),
  ofStack(
    'names that a cluster does not take',
    'kubernetes',
    `const stack = new Stack('shop', {
  gateway: { name: 'public' },
  labels: { 'app.kubernetes.io/name': 'x' },
  accept: { 'tls-certificate': 'of the gateway' },
  tls: { certificate: { file: 'tls.crt' }, key: { file: 'tls.key' } },
  redirects: { '10.0.0.6': 'shop.example.com' },
});
new AsgiApp(stack, 'api', {
  image: 'acme/api:1',
  module: 'main:app',
  hosts: ['10.0.0.5', 'shop.example.com'],
  secrets: [new Secret(stack, 'tls'), new Secret(stack, 'key', { external: 'My_Key' })],
});
export default stack;
`,
  ),
  ofStack(
    'a secret of the name of the certificate',
    'kubernetes',
    `const stack = new Stack('shop', { edge: 'nginx', tls: { certificate: { file: 'tls.crt' }, key: { file: 'tls.key' } } });
new AsgiApp(stack, 'api', { image: 'acme/api:1', module: 'main:app', secrets: [new Secret(stack, 'tls')] });
export default stack;
`,
  ),
  patched(
    "objects of the user's own, and patches of what is not there",
    'kubernetes',
    `Kubernetes.of(api).add({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'shop-api' } });
Kubernetes.of(api).add({ apiVersion: 'v1', kind: 'Service', metadata: { name: '1st' } });
Kubernetes.of(new ConfigFile(stack, 'settings', { content: 'x' })).patch({ op: 'add', path: '/spec', value: {} });`,
  ),
  ofStack(
    'what a Gateway cannot do',
    'kubernetes',
    `const stack = new Stack('shop', { gateway: { name: 'public' } });
new AsgiApp(stack, 'api', { image: 'acme/api:1', module: 'main:app', sticky: 'cookie' });
export default stack;
`,
  ),
  ofStack(
    'a certificate of a cluster on one host, and ports without an edge',
    'bare-metal',
    `const stack = new Stack('shop', { tls: { secretName: 'shop-tls' } });
const own = new Stack('own', { edge: 'none', httpPort: 8080 });
${APP}export default stack;
`,
  ),
  ofStack(
    'a port for two apps without an edge',
    'bare-metal',
    `const stack = new Stack('shop', { edge: 'none', httpPort: 8080 });
new AsgiApp(stack, 'api', { image: 'acme/api:1', module: 'main:app' });
new AsgiApp(stack, 'users', { image: 'acme/users:1', module: 'main:app', port: 8001, hosts: ['users.example.com'] });
export default stack;
`,
  ),
  ofStack(
    'a route that takes long on a Swarm',
    'swarm',
    `const stack = new Stack('shop');
new AsgiApp(stack, 'api', { image: 'acme/api:1', module: 'main:app', routes: { '/upload': { requestTimeout: 600 } } });
export default stack;
`,
  ),
  ofStack(
    'what one host cannot do',
    'bare-metal',
    `const stack = new Stack('shop', { capacity: { cpu: 1 } });
const annotations = { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/shop' };
const api = new AsgiApp(stack, 'api', { image: 'acme/api:1', module: 'main:app', processes: 4, sticky: 'address', priorityClassName: 'high', serviceAccount: { annotations }, nodeSelector: { disk: 'ssd' } });
new AsgiApp(stack, 'own', { image: 'acme/own:1', module: 'main:app', pathPrefix: '/own', processes: 4, command: ['serve'] });
new Worker(stack, 'emails', { app: api, command: ['celery'], health: { command: ['true'] } });
export default stack;
`,
  ),
  ofStack(
    'what a Swarm cannot do',
    'swarm',
    `const stack = new Stack('shop', { edge: { network: 'web' } });
const api = new AsgiApp(stack, 'api', { image: 'acme/api:1', module: 'main:app', processes: 4, sticky: 'address', metrics: '/metrics', nodeSelector: { 'acme.com/disk': 'ssd' } });
new Schedule(stack, 'nightly', { app: api, cron: '0 3 * * *', command: ['clean'], deadline: 600, gracePeriod: 600 });
new ConfigFile(stack, 'large', { content: 'x'.repeat(1_040_000) });
export default stack;
`,
  ),
  patched(
    'patches of Compose',
    'bare-metal',
    `Compose.of(api).patch(
  { op: 'add', path: '/hostname', value: 5 },
  { op: 'add', path: '/container_name', value: 'x' },
  { op: 'add', path: '/dns', value: 5 },
  { op: 'add', path: '/environment', value: { DEBUG: true } },
  { op: 'add', path: '/healthcheck', value: { test: ['true'], interval: 'soon' } },
  { op: 'add', path: '/image', value: '' },
  { op: 'add', path: '/ports', value: [{ target: true }] },
  { op: 'add', path: '/deploy', value: { resources: { limits: { memory: 'lots' } }, update_config: { order: 'now' } } },
  { op: 'add', path: '/networks', value: { 'my net': {} } },
  { op: 'add', path: '/restrat', value: 'always' },
);
Compose.of(stack).patch({ op: 'add', path: '/services/extra', value: { command: ['true'] } });`,
  ),
  patched(
    'patches of a stack file',
    'swarm',
    `Swarm.of(stack).patch({ op: 'add', path: '/version', value: '3.8' });
Swarm.of(api).patch(
  { op: 'add', path: '/ports', value: ['127.0.0.1:8000:8000'] },
  { op: 'add', path: '/restart', value: 'always' },
);`,
  ),
];

const REQUIREMENTS = [
  'fastapi==0.165.0',
  'starlette==1.10.0',
  'uvicorn==0.54.0',
  'gunicorn==26.1.0',
  'uvicorn-worker==0.4.0',
  'uvloop==0.23.0',
  'httptools==0.9.0',
  'h11==0.16.0',
].join('\n');

const OLD = { ...GOOD, uvicorn: { ...GOOD['uvicorn'], version: '0.20.0' } };

const inSource = (title: string, files: Case['files'], props = '') =>
  ofStack(
    title,
    'bare-metal',
    `const stack = new Stack('shop');\nnew AsgiApp(stack, 'api', { source: './api', module: 'main:app', ${props} });\nexport default stack;\n`,
    Object.fromEntries(
      Object.entries({ 'main.py': 'app = None\n', ...files }).map(([path, text]) => [`api/${path}`, text]),
    ),
  );

/** What is wrong with the code that an image is built from. */
export const OF_SOURCES: readonly Case[] = [
  inSource('files that are not there, and packages without a version', {
    'requirements.txt': 'fastapi\nuvicorn[standard]\n-r base.txt\n',
  }),
  inSource('packages of other folders', {
    'requirements.txt': `../lib\n${REQUIREMENTS} --hash=sha256:${'0'.repeat(64)}\n./with space\n`,
    'with space/pyproject.toml': '',
  }),
  inSource('a lock of another project', {
    'pyproject.toml': '[project]\nname = "api"\n',
    'uv.lock':
      'version = 1\nrequires-python = ">=3.12"\n\n[[package]]\nname = "other"\nversion = "1"\nsource = { virtual = "other" }\n',
  }),
  inSource(
    'a function, an attribute and a file that is kept away',
    {
      'requirements.txt': REQUIREMENTS,
      '.dockerignore': 'requirements.txt\n',
      'main.py': 'def app():\n    return None\n',
    },
    'factory: false',
  ),
  inSource(
    'an attribute of an attribute',
    { 'requirements.txt': REQUIREMENTS, 'main.py': 'app = None\n' },
    "module: 'main:app.server'",
  ),
  inSource('a Python that the project does not allow', {
    'requirements.txt': REQUIREMENTS,
    'pyproject.toml': '[project]\nname = "api"\nrequires-python = ">=3.13"\n',
    '.python-version': '3.12\n',
  }),
  inSource('a Python that nobody has', {
    'requirements.txt': REQUIREMENTS,
    'pyproject.toml': '[project]\nname = "api"\nrequires-python = "<3.5"\n',
  }),
  inSource('a Python without an image', { 'requirements.txt': REQUIREMENTS, '.python-version': '3.5\n' }),
  inSource('a project of pipenv without a lock file', { 'Pipfile.lock': '{}' }),
  inSource('a list of what is needed', { 'requirements.in': 'fastapi\n' }),
  inSource('a project of Poetry without a lock file', { 'pyproject.toml': '[tool.poetry]\nname = "api"\n' }),
  inSource('a project of PDM without a lock file', {
    'pyproject.toml': '[build-system]\nbuild-backend = "pdm.backend"\n',
  }),
  inSource('a project without a lock file', { 'pyproject.toml': '[project]\nname = "api"\n' }),
  {
    ...inSource('a folder that a workspace does not know', { 'pyproject.toml': '[project]\nname = "api"\n' }),
    files: {
      ...inSource('', { 'pyproject.toml': '[project]\nname = "api"\n' }).files,
      'pyproject.toml': '[tool.uv.workspace]\nmembers = ["web"]\n',
      'uv.lock': 'version = 1\n',
    },
  },
  inSource('a project of uv with an old server', {
    'pyproject.toml': '[project]\nname = "shop"\n',
    'uv.lock': uvLock({ ...OLD, shop: SHOP }),
  }),
  {
    ...ofStack(
      'a member of a workspace with an old server',
      'bare-metal',
      "const stack = new Stack('shop');\nnew AsgiApp(stack, 'api', { source: './api', module: 'main:app' });\nexport default stack;\n",
    ),
    files: {
      ...inSource('', { 'pyproject.toml': '[project]\nname = "shop"\n' }).files,
      'pyproject.toml': '[tool.uv.workspace]\nmembers = ["api"]\n',
      'uv.lock': uvLock({ ...OLD, shop: { ...SHOP, source: 'virtual = "api"' } }),
    },
  },
  inSource('a project of Poetry with an old server', {
    'pyproject.toml': '[tool.poetry]\nname = "shop"\n',
    'poetry.lock':
      '[[package]]\nname = "uvicorn"\nversion = "0.20.0"\ngroups = ["main"]\n\n[metadata]\nlock-version = "2.1"\npython-versions = "^3.12"\n',
  }),
  inSource('a pylock.toml with an old server', {
    'pylock.toml': 'lock-version = "1.0"\n\n[[packages]]\nname = "uvicorn"\nversion = "0.20.0"\n',
  }),
  {
    ...inSource('a link that leads out', { 'requirements.txt': REQUIREMENTS }),
    links: { 'api/shared': '../../shared' },
  },
  inSource(
    'static files that do not reach the build',
    { 'requirements.txt': REQUIREMENTS, 'static/a.css': '', '.dockerignore': 'static\n' },
    "static: { '/static': 'static' }",
  ),
  inSource('static files that are not there', { 'requirements.txt': REQUIREMENTS }, "static: { '/static': 'static' }"),
  inSource('a version that is too old', {
    'requirements.txt': REQUIREMENTS.replace('gunicorn==26.1.0', 'gunicorn==20.0.0').replace(
      'uvicorn-worker==0.4.0\n',
      '',
    ),
  }),
];
