import { code, markdownPage, type MarkdownPart } from '../../../formats/markdown.js';
import { appSecretsOf } from '../../../model/tree.js';
import { shellWord, type Context } from '../../context.js';
import { developmentPorts, isMounted, isReloading, type DevelopmentOptions } from './context.js';

/** The developer's page: what runs, where, and the stock commands that `synth watch` gives. */
export function developmentReadme(context: Context, options: DevelopmentOptions): string {
  const [from = '', again = ''] = context.header;
  return markdownPage(`${context.name}, for development`, [
    [
      '',
      `${from} ${code(again.trim())}`,
      'What is deployed on one host, as a developer wants it: each app is one Uvicorn process without Gunicorn and nginx, on a port of this machine alone, at `/` whatever its prefix is. Databases, workers, jobs and schedules run beside it, with volumes of their own.',
      appTable(context, options),
    ],
    ...secrets(context),
    [
      'Start',
      { shell: ['docker compose up --build'] },
      'A change of the source is taken over by Uvicorn itself; workers want `docker compose restart NAME`. After a change of the lock file run it again, or run `docker compose watch` beside it.',
    ],
    [
      'Stop',
      { shell: ['docker compose down'] },
      `The volumes stay; ${code('docker compose down --volumes')} removes them as well.`,
    ],
  ]);
}

function appTable(context: Context, options: DevelopmentOptions): MarkdownPart {
  const rows = [...developmentPorts(context.stack, options)].map(([app, port]) => [
    code(app.node.id),
    `http://127.0.0.1:${port}/`,
    isMounted(app, context) ? 'mounted' : 'in the image',
    isReloading(app, context) ? 'by itself' : 'by a restart or a build',
  ]);
  return { rows: [['app', 'address', 'source', 'takes over a change'], ...rows] };
}

function secrets({ stack }: Context): [string, ...MarkdownPart[]][] {
  const all = appSecretsOf(stack);
  if (all.length === 0) return [];
  const write = all.map(
    ({ node, variable }) => `(umask 022 && printf %s "$${variable}" > secrets/${shellWord(node.id)})`,
  );
  return [
    [
      'Secrets',
      '`synth watch` writes them from variables of their names in capitals, or from `.env` in the project, and makes up the passwords of databases. By hand:',
      { shell: ['install -d -m 0711 secrets', ...write] },
    ],
  ];
}
