import { constantName, listCode, objectCode, quoted, shortObject, type Property } from '../../formats/typescript.js';
import { newestDate } from '../../model/defaults.js';
import { oneLine } from '../../errors.js';
import { DEFAULTS_COMMENT, REGISTRY } from '../init/stack-text.js';
import { relativeSource } from './code.js';
import type { DraftApp, DraftDatabase, DraftFile, DraftSecret, DraftTask, DraftVariable, StackDraft } from './draft.js';

/** The text of a stack file, for somebody who reads Python and knows the Compose file. */
export function draftText(draft: StackDraft): string {
  const blocks = [
    importLine(draft),
    stackLines(draft),
    sharedSecrets(draft)
      .map((secret) => `const ${nameOf(secret.id)} = ${secretCode(secret)};\n`)
      .join(''),
    draft.volumes.map(({ id }) => `const ${nameOf(id)} = new Volume(stack, ${quoted(id)});\n`).join(''),
    draft.files.map(fileLine).join(''),
    draft.databases.map(databaseLine).join(''),
    ...draft.apps.map((app) => appLines(app, draft)),
    ...draft.tasks.map(taskLines),
    'export default stack;\n',
  ];
  return blocks.filter((block) => block !== '').join('\n');
}

/** Names of what the file imports. */
const CLASSES = ['AsgiApp', 'ConfigFile', 'Job', 'Postgres', 'Redis', 'Secret', 'Stack', 'Volume', 'Worker'];

function nameOf(id: string): string {
  return constantName(id, CLASSES);
}

function importLine({ secrets, volumes, files, databases, tasks }: StackDraft): string {
  const used = new Set([
    'AsgiApp',
    'Stack',
    ...(secrets.length > 0 ? ['Secret'] : []),
    ...(volumes.length > 0 ? ['Volume'] : []),
    ...(files.length > 0 ? ['ConfigFile'] : []),
    ...databases.map(({ kind }) => (kind === 'postgres' ? 'Postgres' : 'Redis')),
    ...tasks.map(({ kind }) => (kind === 'job' ? 'Job' : 'Worker')),
  ]);
  return `import { ${CLASSES.filter((name) => used.has(name)).join(', ')} } from 'asgi-synth';\n`;
}

function stackLines({ name, file, registry, httpPort, needsNginx, images, accept }: StackDraft): string {
  const props: Property[] = [
    { name: 'defaults', code: quoted(newestDate()), comment: DEFAULTS_COMMENT },
    ...(registry === undefined
      ? []
      : [{ name: 'registry', code: quoted(registry), comment: 'where clusters pull the images from' }]),
    ...(httpPort === undefined
      ? []
      : [
          {
            name: 'httpPort',
            code: typeof httpPort === 'number' ? String(httpPort) : quoted(httpPort),
            comment: 'where requests come in',
          },
        ]),
    ...(needsNginx
      ? [
          {
            name: 'edge',
            code: "'nginx'",
            comment: 'on Kubernetes too, where a plain Ingress strips no prefix and limits no body',
          },
        ]
      : []),
    ...(Object.keys(images).length === 0 ? [] : [{ name: 'images', code: shortObject(asProperties(images)) }]),
    ...(Object.keys(accept).length === 0 ? [] : [{ name: 'accept', code: objectCode(asProperties(accept)) }]),
  ];
  const head = [
    `// What ${oneLine(file)} runs, for one server, Docker Swarm and Kubernetes; everything below is deployed together under this name.`,
    "// `new X(stack, 'id', { … })` is X(stack, 'id', …) in Python.",
    ...(registry === undefined ? REGISTRY : []),
  ];
  return `${head.join('\n')}\nconst stack = new Stack(${quoted(name)}, ${objectCode(props)});\n`;
}

function asProperties(values: Readonly<Record<string, string>>): Property[] {
  return Object.entries(values).map(([name, value]) => ({ name, code: quoted(value) }));
}

/** Secrets that more than one thing has, each a constant. */
function sharedSecrets({ secrets, databases, apps }: StackDraft): DraftSecret[] {
  return secrets.filter(({ id }) => {
    const uses =
      apps.filter((app) => app.secrets.includes(id)).length +
      databases.filter(({ password }) => password === id).length;
    return uses !== 1 || databases.some(({ password }) => password === id);
  });
}

function secretCode({ id, isVariable, file, external }: DraftSecret): string {
  const props: Property[] = [
    ...(isVariable ? [{ name: 'as', code: "'environment'" }] : []),
    ...(file === undefined ? [] : [{ name: 'file', code: quoted(file) }]),
    ...(external === undefined ? [] : [{ name: 'external', code: quoted(external) }]),
  ];
  return `new Secret(stack, ${quoted(id)}${props.length === 0 ? '' : `, ${shortObject(props)}`})`;
}

function fileLine({ id, file, content }: DraftFile): string {
  const props =
    file === undefined ? [{ name: 'content', code: quoted(content ?? '') }] : [{ name: 'file', code: quoted(file) }];
  return `const ${nameOf(id)} = new ConfigFile(stack, ${quoted(id)}, ${shortObject(props)});\n`;
}

function databaseLine(database: DraftDatabase): string {
  const { id, kind, version, user, password, evict, memory } = database;
  const optional: readonly (readonly [string, string | undefined])[] = [
    ['database', database.database && quoted(database.database)],
    ['user', user !== database.database && user !== undefined ? quoted(user) : undefined],
    ['password', password && nameOf(password)],
    ['memory', memory && quoted(memory)],
    ['evict', evict ? 'true' : undefined],
    ['storage', "'1Gi'"],
  ];
  const props = [['version', quoted(version)] as const, ...optional].flatMap(([name, code]) =>
    code === undefined ? [] : [{ name, code }],
  );
  const head = `const ${nameOf(id)} = new ${kind === 'postgres' ? 'Postgres' : 'Redis'}(stack, ${quoted(id)}, `;
  const short = `${head}${shortObject(props)});\n`;
  return short.length <= 121 ? short : `${head}${objectCode(props)});\n`;
}

function appLines(app: DraftApp, draft: StackDraft): string {
  const isUsed = draft.tasks.some((task) => task.app === app.id || task.runBefore.includes(app.id));
  const props: (Property | undefined)[] = [
    app.source === undefined
      ? undefined
      : {
          name: 'source',
          code: quoted(relativeSource(app.source)),
          comment: 'the folder with your code and its lock file',
        },
    app.image === undefined ? undefined : { name: 'image', code: quoted(app.image) },
    { name: 'module', code: quoted(app.module), comment: `what you would give to uvicorn; ${app.moduleFrom}` },
    app.factory ? { name: 'factory', code: 'true', comment: 'it is a function that makes the application' } : undefined,
    {
      name: 'processes',
      code: String(app.processes ?? 1),
      comment: 'Gunicorn workers on one server, replicas in a cluster',
    },
    app.memory === undefined ? undefined : { name: 'memory', code: quoted(app.memory), comment: 'of each process' },
    app.cpu === undefined ? undefined : { name: 'cpu', code: String(app.cpu), comment: 'cores of each process' },
    app.port === undefined ? undefined : { name: 'port', code: String(app.port) },
    healthProperty(app),
    app.hosts.length === 0
      ? undefined
      : { name: 'hosts', code: listCode(app.hosts.map(quoted), { width: 90 }), comment: app.hostsFrom },
    app.pathPrefix === undefined ? undefined : { name: 'pathPrefix', code: quoted(app.pathPrefix) },
    app.requestTimeout === undefined
      ? undefined
      : { name: 'requestTimeout', code: String(app.requestTimeout), comment: 'seconds' },
    app.bodyLimit === undefined ? undefined : { name: 'bodyLimit', code: quoted(app.bodyLimit) },
    environmentProperty(app.environment),
    secretsProperty(app, draft),
    connectionsProperty(app),
    mountsProperty('volumes', app.volumes),
    mountsProperty('files', app.files),
    buildProperty(app),
  ];
  const code = objectCode(props.filter((one) => one !== undefined));
  return `${isUsed ? `const ${nameOf(app.id)} = ` : ''}new AsgiApp(stack, ${quoted(app.id)}, ${code});\n`;
}

function healthProperty({ health }: DraftApp): Property | undefined {
  if (!health) return undefined;
  const { readiness, liveness, startup, from } = health;
  if (readiness === liveness && startup === undefined)
    return { name: 'health', code: quoted(readiness), comment: from };
  const props: Property[] = [
    { name: 'readiness', code: quoted(readiness) },
    ...(liveness === undefined ? [] : [{ name: 'liveness', code: quoted(liveness) }]),
    ...(startup === undefined ? [] : [{ name: 'startup', code: String(startup) }]),
  ];
  return { name: 'health', code: shortObject(props), comment: from };
}

function environmentProperty(environment: readonly DraftVariable[]): Property | undefined {
  if (environment.length === 0) return undefined;
  const lines = environment.map(({ name, value, comment }) => ({ name, code: quoted(value), comment }));
  return { name: 'environment', code: objectCode(lines) };
}

function secretsProperty({ secrets }: DraftApp, draft: StackDraft): Property | undefined {
  if (secrets.length === 0) return undefined;
  const shared = sharedSecrets(draft).map(({ id }) => id);
  const found = secrets.flatMap((id) => draft.secrets.filter((one) => one.id === id));
  const items = found.map((secret) => (shared.includes(secret.id) ? nameOf(secret.id) : secretCode(secret)));
  const above = ['Values come from the shell or CI that deploys, and are in no file that is written.'];
  return { name: 'secrets', code: listCode(items, { width: 0, comments: found.map(({ from }) => from) }), above };
}

function connectionsProperty({ connections }: DraftApp): Property | undefined {
  if (connections.length === 0) return undefined;
  const props = connections.map(({ variable, database, argument }) => ({
    name: variable,
    code: argument === undefined ? nameOf(database) : `${nameOf(database)}.url(${argument})`,
  }));
  const short = shortObject(props);
  const above = ['Variables that hold the URL of a database, with its password.'];
  return { name: 'connections', code: short.length <= 100 ? short : objectCode(props), above };
}

function mountsProperty(name: string, mounts: DraftApp['volumes']): Property | undefined {
  if (mounts.length === 0) return undefined;
  const props = mounts.map(({ path, id }) => ({ name: path, code: nameOf(id) }));
  const short = shortObject(props);
  return { name, code: short.length <= 100 ? short : objectCode(props) };
}

function buildProperty({ source, systemPackages, dockerfile, python }: DraftApp): Property | undefined {
  if (source === undefined) return undefined;
  if (dockerfile !== undefined)
    return {
      name: 'build',
      code: shortObject([{ name: 'dockerfile', code: quoted(dockerfile) }]),
      comment: 'its image must hold uvicorn, and gunicorn and uvicorn-worker for one server',
    };
  const props: Property[] = [
    ...(python === undefined ? [] : [{ name: 'python', code: quoted(python), comment: 'as in your Dockerfile' }]),
    ...(systemPackages.length === 0
      ? []
      : [
          {
            name: 'systemPackages',
            code: listCode(systemPackages.map(quoted), { width: 90 }),
            comment: 'Debian packages that your Dockerfile installs',
          },
        ]),
  ];
  return props.length === 0 ? undefined : { name: 'build', code: objectCode(props) };
}

function taskLines(task: DraftTask): string {
  const { id, kind, app, command, processes, memory, cpu, gracePeriod, environment, runBefore, isScheduler } = task;
  const props: (Property | undefined)[] = [
    { name: 'app', code: nameOf(app), comment: 'its image, environment, secrets and connections' },
    { name: 'command', code: listCode(command.map(quoted), { width: 105 }) },
    processes === undefined ? undefined : { name: 'processes', code: String(processes), comment: 'containers' },
    memory === undefined ? undefined : { name: 'memory', code: quoted(memory) },
    cpu === undefined ? undefined : { name: 'cpu', code: String(cpu) },
    gracePeriod === undefined ? undefined : { name: 'gracePeriod', code: String(gracePeriod), comment: 'seconds' },
    environmentProperty(environment),
    runBefore.length === 0 ? undefined : { name: 'runBefore', code: listCode(runBefore.map(nameOf), { width: 90 }) },
  ];
  const above = [
    ...(kind === 'job' ? ['// Runs once for each release, before its processes start.\n'] : []),
    ...(isScheduler ? ['// One alone, or everything would be started twice.\n'] : []),
  ].join('');
  return `${above}new ${kind === 'job' ? 'Job' : 'Worker'}(stack, ${quoted(id)}, ${objectCode(props.filter((one) => one !== undefined))});\n`;
}
