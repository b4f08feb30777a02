import { oneLine } from '../../errors.js';
import type { Discovery } from '../../sources/discovery/discover.js';
import type { Source } from '../../sources/source.js';
import { table } from '../terminal.js';
import { sourcePath } from './stack-text.js';

/** One thing that was found, as it is printed: of which kind, what, and from where. */
export interface Found {
  readonly what: string;
  readonly value: string;
  readonly from: string;
}

/** Everything that was found in a project, in the order in which it matters. */
export function foundIn(discovery: Discovery, source: Source | undefined): Found[] {
  const { application, health, workers, databases, variables } = discovery;
  const { liveness, readiness } = health;
  const filled = databases.flatMap((one) => [...one.variables, ...one.parts]);
  const required = variables.filter((one) => one.required && !filled.includes(one.name));
  return [
    {
      what: application.framework ?? 'application',
      value: `${application.module}${application.factory ? ' (a factory)' : ''} in ${sourcePath(application.source)}`,
      from: application.from,
    },
    { what: 'name', ...discovery.name },
    ...lockRows(source),
    ...(readiness && readiness.value !== liveness?.value ? [{ what: 'readiness', ...readiness }] : []),
    ...(liveness ? [{ what: readiness?.value === liveness.value ? 'health' : 'liveness', ...liveness }] : []),
    ...discovery.websockets.map((one) => ({ what: 'WebSocket', ...one })),
    ...discovery.events.map(({ from }) => ({ what: 'streaming', value: 'server-sent events', from })),
    ...(discovery.lifespan
      ? [{ what: 'lifespan', value: 'starts and ends with each process', from: discovery.lifespan.from }]
      : []),
    ...(discovery.rootPath ? [{ what: 'path prefix', ...discovery.rootPath }] : []),
    ...(discovery.trustedHosts
      ? [{ what: 'trusted hosts', value: discovery.trustedHosts.value.join(', '), from: discovery.trustedHosts.from }]
      : []),
    ...(discovery.cors ? [{ what: 'CORS', value: 'answered by the application', from: discovery.cors.from }] : []),
    ...databases.map(({ kind, variables: names, parts, driver, from }) => ({
      what: kind === 'postgres' ? 'Postgres' : 'Redis',
      value: [driver, ...(parts[0] ? [`${parts[0]} and what belongs to it`] : names)].filter(Boolean).join(', '),
      from,
    })),
    ...(discovery.alembic ? [{ what: 'migrations', value: 'alembic upgrade head', from: discovery.alembic.from }] : []),
    ...workers.map(({ kind, command, from }) => ({ what: kind, value: command.join(' '), from })),
    ...required.map(({ name, secret, from }) => ({ what: secret ? 'secret' : 'setting', value: name, from })),
    ...discovery.containers.map((file) => ({
      ...(/ompose\.ya?ml$/.test(file)
        ? { what: 'Compose file', value: `left as it is; synth init --from ${file} takes over what it says` }
        : { what: 'Dockerfile', value: 'left as it is; each target has one of its own, from the lock file' }),
      from: file,
    })),
  ];
}

function lockRows(source: Source | undefined): Found[] {
  if (!source) return [];
  const { dependencies, context, python } = source;
  const place = context === '.' ? '' : `${context}/`;
  return [
    ...(dependencies
      ? [{ what: 'dependencies', value: dependencies.manager, from: `${place}${dependencies.lock}` }]
      : []),
    { what: 'Python', value: python.minor, from: python.from },
  ];
}

export function foundText(found: readonly Found[]): string {
  return table(found.map(({ what, value, from }) => [what, value, from].map(oneLine)));
}
