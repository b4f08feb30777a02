import { oneLine } from '../../errors.js';
import { quoted } from '../../formats/typescript.js';
import { newestDate } from '../../model/defaults.js';
import type { PlannedDatabase, PlannedWorker, StackPlan } from './plan.js';

/** The text of a stack file, for somebody who reads Python. */
export function stackText(plan: StackPlan): string {
  const blocks = [
    importLine(plan),
    stackLines(plan),
    ...(plan.secrets.some(({ isShared }) => isShared) ? [secretConstants(plan)] : []),
    ...(plan.databases.length > 0 ? [plan.databases.map(databaseLine).join('\n')] : []),
    appLines(plan),
    ...(plan.discovery.alembic ? [jobLines(plan.discovery.alembic.value)] : []),
    ...plan.workers.map(workerLines),
    'export default stack;',
  ];
  return `${blocks.join('\n\n')}\n`;
}

function importLine({ databases, discovery, secrets, workers }: StackPlan): string {
  const names = [
    'AsgiApp',
    ...(discovery.alembic ? ['Job'] : []),
    ...databases.map(({ kind }) => (kind === 'postgres' ? 'Postgres' : 'Redis')),
    ...(secrets.length > 0 ? ['Secret'] : []),
    'Stack',
    ...(workers.length > 0 ? ['Worker'] : []),
  ];
  return `import { ${names.join(', ')} } from 'asgi-synth';`;
}

function stackLines({ name, discovery, unpinned }: StackPlan): string {
  const props = [
    `  defaults: ${quoted(newestDate())}, // ${DEFAULTS_COMMENT}`,
    ...(discovery.rootPath ? [`  edge: 'nginx', // on Kubernetes too, where a plain Ingress strips no prefix`] : []),
    ...(unpinned === undefined ? [] : [`  accept: { 'source-floor': ${quoted(unpinned)} },`]),
  ];
  const head = [
    "// Everything below is deployed together under this name. `new X(stack, 'id', { … })` is X(stack, 'id', …) in Python.",
    ...REGISTRY,
  ];
  return `${head.join('\n')}\nconst stack = new Stack(${quoted(name)}, {\n${props.join('\n')}\n});`;
}

/** Why a stack names the date of its defaults. */
export const DEFAULTS_COMMENT = 'an upgrade of asgi-synth changes nothing that is not written here';

/** What a cluster needs and no file of a project says. */
export const REGISTRY: readonly string[] = [
  "// A cluster pulls its images: say from where with new Stack('name', { registry: 'ghcr.io/acme' }). Without it, they are only on the",
  '// machine that built them, which is enough for one server.',
];

function secretConstants({ secrets }: StackPlan): string {
  return secrets
    .filter(({ isShared }) => isShared)
    .map(({ id }) => `const ${constantOf(id)} = ${secretText(id)};`)
    .join('\n');
}

function constantOf(id: string): string {
  return id.replaceAll(/_+(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function secretText(id: string): string {
  return `new Secret(stack, ${quoted(id)}, { as: 'environment' })`;
}

function databaseLine({ id, kind, password }: PlannedDatabase): string {
  const [name, version] = kind === 'postgres' ? ['Postgres', '18'] : ['Redis', '8'];
  const props = `version: '${version}', ${password === undefined ? '' : `password: ${constantOf(password)}, `}storage: '1Gi'`;
  return `const ${id} = new ${name}(stack, '${id}', { ${props} });`;
}

function appLines(plan: StackPlan): string {
  const { discovery, hosts } = plan;
  const { application, rootPath, events } = discovery;
  const isUsed = discovery.alembic !== undefined || plan.workers.length > 0;
  const lines = [
    `source: ${quoted(sourcePath(application.source))}, // the folder with your code and its lock file`,
    `module: ${quoted(application.module)}, // what you would give to uvicorn`,
    ...(application.factory ? ['factory: true, // it is a function that makes the application'] : []),
    'processes: 2, // Gunicorn workers on one server, replicas in a cluster',
    ...healthLines(plan),
    ...(hosts.length > 0 ? [`hosts: [${hosts.map(quoted).join(', ')}],`] : []),
    ...(rootPath ? [`pathPrefix: ${quoted(rootPath.value)}, // ${comment(`root_path of ${rootPath.from}`)}`] : []),
    ...environmentLines(plan),
    ...secretLines(plan),
    ...connectionLines(plan),
    ...(events[0]
      ? [
          `// ${comment(events[0].from)} streams events: it must send something, if only a comment, within this many seconds.`,
          'requestTimeout: 60,',
        ]
      : []),
  ];
  const body = lines.map((line) => `  ${line}\n`).join('');
  return `${isUsed ? 'const api = ' : ''}new AsgiApp(stack, 'api', {\n${body}});`;
}

export function sourcePath(source: string): string {
  return source === '.' ? '.' : `./${source}`;
}

function healthLines({ discovery }: StackPlan): string[] {
  const { liveness, readiness } = discovery.health;
  if (liveness && liveness.value === readiness?.value) return [`health: ${quoted(liveness.value)},`];
  const paths = [
    ...(readiness ? [`readiness: ${quoted(readiness.value)}`] : []),
    ...(liveness ? [`liveness: ${quoted(liveness.value)}`] : []),
  ];
  return paths.length === 0 ? [] : [`health: { ${paths.join(', ')} },`];
}

function environmentLines({ environment, discovery }: StackPlan): string[] {
  const { pythonPath } = discovery.application;
  const lines = [
    ...(pythonPath === undefined
      ? []
      : [`PYTHONPATH: ${quoted(`/app/${pythonPath}`)}, // the code imports what lies there by its bare name`]),
    ...environment.map(
      ({ name, value, comment: why }) =>
        `${name}: ${typeof value === 'string' ? quoted(value) : value},${why === '' ? '' : ` // ${comment(why)}`}`,
    ),
  ];
  return lines.length === 0 ? [] : ['environment: {', ...lines.map((line) => `  ${line}`), '},'];
}

function secretLines({ secrets }: StackPlan): string[] {
  if (secrets.length === 0) return [];
  return [
    '// Values come from the shell or CI that deploys, and are in no file that is written.',
    'secrets: [',
    ...secrets.map(
      ({ id, isShared, from }) =>
        `  ${isShared ? constantOf(id) : secretText(id)}, // ${comment(`${id.toUpperCase()}, ${from}`)}`,
    ),
    '],',
  ];
}

function connectionLines({ connections }: StackPlan): string[] {
  if (connections.length === 0) return [];
  return [
    '// Variables that hold the URL of a database, with its password.',
    `connections: { ${connections.map(({ variable, value }) => `${variable}: ${value}`).join(', ')} },`,
  ];
}

function jobLines(config: string): string {
  const words = ['alembic', ...(config === 'alembic.ini' ? [] : ['-c', config]), 'upgrade', 'head'];
  return `// Runs once for each release, before its processes start.\nnew Job(stack, 'migrate', { app: api, command: ${list(words)} });`;
}

function workerLines({ id, worker }: PlannedWorker): string {
  const isClock = worker.kind === 'celery beat' || worker.kind === 'taskiq scheduler';
  const why = isClock ? '// One alone, or everything would be started twice.\n' : '';
  return `${why}new Worker(stack, ${quoted(id)}, {\n  app: api, // its image, environment, secrets and connections\n  command: ${longList(worker.command)},\n});`;
}

function list(words: readonly string[]): string {
  return `[${words.map(quoted).join(', ')}]`;
}

/** One word a line where they do not fit into one. */
function longList(words: readonly string[]): string {
  const line = list(words);
  return line.length <= 105 ? line : `[\n${words.map((word) => `    ${quoted(word)},\n`).join('')}  ]`;
}

/** A path may hold a line break, behind which the comment would have ended. */
function comment(text: string): string {
  return oneLine(text);
}
