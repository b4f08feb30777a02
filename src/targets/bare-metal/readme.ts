import { code, markdownPage, type MarkdownPart } from '../../formats/markdown.js';
import type { Secret } from '../../model/secret.js';
import type { Stack } from '../../model/stack.js';
import { tlsSecrets } from '../../model/tls.js';
import { appSecretsOf, jobsOf, volumesOf, workersOf } from '../../model/tree.js';
import { imageBuilds } from '../builds.js';
import { shellWord, type Context } from '../context.js';
import { EDGE_COMMAND, EDGE_PINS, EDGE_RELOAD } from '../containers.js';
import { dockerAcme, dockerCertificate, hasOwnEdge, takesHttps } from '../edge.js';
import { isBuiltByCompose } from './app.js';
import { jobTable, processTable, scheduleTable, secretValue, workerTable, rateLimited } from '../readme.js';
import { databaseFailures, databaseSections, passwordNote } from '../readme-databases.js';
import { ACME } from '../acme.js';
import { ACME_STATE, acmeFailures, acmeNotes } from '../readme-acme.js';
import { dockerMetrics } from '../readme-metrics.js';
import { edgeRequest, hstsNote, http3Section, overHttps, servedCertificate, tlsFailures } from '../readme-tls.js';
import { staticTable } from '../readme-static.js';
import { TLS_FOLDER } from './parts.js';
import { isStaticBuiltByCompose } from './static.js';

type Section = readonly [string, ...MarkdownPart[]];

/** The operator's page: what to run, and what to look at when it fails. */
export function readme(context: Context): string {
  const { name, header } = context;
  return markdownPage(`${name} on one host`, [
    [
      '',
      header
        .map((line) => line.trim())
        .map((line, index) => (index === 0 ? line : code(line)))
        .join(' '),
      introduction(context),
      processTable(context),
      ...staticTable(
        context,
        'With `synth deploy` the old container goes with the last process of the old app; Compose alone replaces it at once. A page that stays open and asks for an old file then gets 404.',
      ),
      ...workerTable(context),
      ...jobTable(context),
      ...scheduleTable(
        context,
        'Each is a container with a scheduler, whose log has the history; the last tick is in a volume, so that none runs twice, and one which was missed while it was down starts late. Without the volume it begins anew with the tick after its start.',
      ),
    ],
    needs(),
    ...build(context),
    ...secrets(context),
    start(context),
    ...certificateSection(context),
    ...http3Section(context.stack, 'the host', 'its configuration and its certificate'),
    ...databases(context),
    ...metrics(context),
    look(),
    whenItFails(context),
    stop(context),
  ]);
}

function introduction({ stack }: Context): string {
  const edge = hasOwnEdge(stack)
    ? `nginx takes requests on port ${stack.httpPort.port}${overHttps(stack)} and passes them on; only its folder ${code('nginx/')} and the ports of ${code('compose.yaml')} say so.`
    : 'There is no edge of this stack: what is published or joined is in `compose.yaml`.';
  return `Each app is one container, in which Gunicorn starts, watches and restarts its Uvicorn processes. ${edge}`;
}

function needs(): Section {
  return ['What it needs', 'Docker Engine 24 or newer with Compose 2.24 or newer. All commands run in this folder.'];
}

function build(context: Context): Section[] {
  const { apps, registry } = context.stack;
  if (imageBuilds(context).length === 0) return [];
  if (!apps.some((app) => isBuiltByCompose(app, context) || isStaticBuiltByCompose(app, context))) {
    const where = 'The images are in their registry; the lock file has their digests.';
    return [['Build', where, { shell: ['docker compose pull'] }]];
  }
  const push = registry === undefined ? [] : ['docker compose push'];
  return [
    [
      'Build',
      'The images are tagged by the hash of what goes into them, so a tag that is there needs no second build.',
      { shell: ['docker compose build', ...push] },
    ],
  ];
}

function secrets(context: Context): Section[] {
  const { stack } = context;
  const [all, certificate] = [appSecretsOf(stack), hasOwnEdge(stack) ? tlsSecrets(stack) : []];
  if (all.length + certificate.length === 0) return [];
  const write = (secret: Secret, folder: string) =>
    `(umask 022 && ${secretValue(secret, context)} > ${folder}/${secret.node.id})`;
  return [
    [
      'Secrets',
      'Write each value into its file once. The folder lets nobody list it; the files are readable, since what reads them runs as uid 10001 and Compose mounts them as they are.',
      {
        shell: [
          `install -d -m 0711 secrets${certificate.length === 0 ? '' : ` ${TLS_FOLDER}`}`,
          ...all.map((secret) => write(secret, 'secrets')),
          ...certificate.map((secret) => write(secret, TLS_FOLDER)),
        ],
      },
      ...(all.length === 0
        ? []
        : [
            `After a changed value: \`docker compose up -d --force-recreate\` for the apps that use it.${passwordNote(stack)}`,
          ]),
    ],
  ];
}

function start({ stack }: Context): Section {
  const gap =
    'Compose replaces a container by stopping the old one first: an update interrupts its app for a few seconds. `synth deploy --target bare-metal` does the same without a gap. An unchanged output restarts nothing.';
  const reload = hasOwnEdge(stack)
    ? {
        text: 'A changed `nginx/nginx.conf` is taken over by a reload, which cuts nobody off; nginx itself is replaced only when its image, port or limits change.',
        commands: [RELOAD],
      }
    : { text: '', commands: [] };
  const hasTls = takesHttps(stack);
  const { address = '127.0.0.1' } = hasTls ? stack.httpsPort : stack.httpPort;
  const check = hasOwnEdge(stack) ? [edgeRequest(stack, address, hasTls)] : [];
  return [
    'Start and update',
    gap,
    ...(reload.text === '' ? [] : [reload.text]),
    ...(jobsOf(stack).length === 0
      ? []
      : [
          'Each `docker compose up` runs the jobs, changed or not, and starts what waits for them when they have ended with 0: they must be safe to repeat. `synth deploy` runs them once a release.',
        ]),
    { shell: ['docker compose up -d --wait --remove-orphans', ...reload.commands, ...check] },
    'Compose leaves images of earlier versions; `docker image prune` removes those without a tag.',
  ];
}

/** What a deployment that was killed half way has left would lead to containers that are gone. */
const RELOAD = `docker compose exec -T nginx sh -c 'rm -rf ${EDGE_PINS} && ${EDGE_RELOAD.map(shellWord).join(' ')}'`;

const TRY = `docker compose exec -T nginx ${[...EDGE_COMMAND, '-t'].map(shellWord).join(' ')}`;

const ACME_SAYS = `docker compose exec -T ${ACME} ${ACME_STATE}`;

const ASK_AGAIN = `docker compose kill --signal HUP ${ACME}`;

function acmeSection(context: Context): Section[] {
  const { stack, name } = context;
  const acme = dockerAcme(stack);
  if (acme === undefined) return [];
  return [
    [
      'Certificate',
      ...acmeNotes(acme, context),
      'What it is doing, and why there is none; then, once the cause is gone, let it ask again at once.',
      { shell: [ACME_SAYS, ASK_AGAIN] },
      'What clients are shown:',
      { shell: [shown(stack)] },
      `The account and the certificates with their keys are in the volume ${code(`${name}_${ACME}`)}. Without it they are made anew, of which authorities allow only a few a week.`,
      ...hstsNote(stack),
    ],
  ];
}

function certificateSection(context: Context): Section[] {
  const { stack } = context;
  const certificate = dockerCertificate(stack);
  if (dockerAcme(stack)) return acmeSection(context);
  if (certificate === undefined) return [];
  return [
    [
      'Certificate',
      'To renew it, write both files again as above, then let nginx read them: new connections get the new certificate, and nobody is cut off. `synth deploy` does the same. Where the first of these fails, what is served stays as it is.',
      { shell: [TRY, RELOAD] },
      'When it ends: what is in the file, and what clients are shown.',
      { shell: [`openssl x509 -noout -enddate -in ${TLS_FOLDER}/${certificate.certificate}`, shown(stack)] },
      ...hstsNote(stack),
    ],
  ];
}

function shown(stack: Stack): string {
  return servedCertificate(stack, stack.httpsPort.address ?? '127.0.0.1', stack.httpsPort.port);
}

function databases(context: Context): Section[] {
  return databaseSections(context, {
    where:
      'Each database is one container with a volume of its own. Compose starts it before the apps that use it; an update of an app does not touch it, and a changed one is stopped before the new one starts.',
    exec: ({ node }, terminal) => `docker compose exec ${terminal ? '' : '-T '}${node.id}`,
    restart: ({ node }) => [`docker compose restart ${node.id}`],
    stop: ({ node }) => [`docker compose stop ${node.id}`],
    start: ({ node }) => [`docker compose up -d --wait --no-recreate ${node.id}`],
  });
}

function metrics({ stack, name }: Context): Section[] {
  const where = `A Prometheus in a container on the network ${code(`${name}_default`)} finds each app by its name. Whichever worker answers it tells what all of them have counted since the start of their container; the gauges of one that is gone are left out.`;
  return dockerMetrics(stack, { name, where, hostOf: ({ node }) => node.id });
}

function look(): Section {
  return [
    'Look',
    {
      shell: [
        'docker compose ps',
        'docker compose logs --follow --tail 100',
        'docker compose top',
        'docker stats --no-stream',
      ],
    },
  ];
}

function whenItFails({ stack }: Context): Section {
  const first = stack.apps[0]?.node.id ?? 'api';
  return [
    'When it fails',
    {
      rows: [
        ['what you see', 'what it is', 'look at'],
        [
          'a container is `unhealthy` or `--wait` fails',
          'the app does not start, or its health path does not answer 200 to 399',
          `\`docker compose logs ${first}\`, \`docker inspect --format '{{json .State.Health}}' $(docker compose ps -q ${first})\``,
        ],
        ...workersOf(stack).map(({ node }) => [
          `${code(node.id)} shows as \`Healthy\` or \`Started\` and does nothing`,
          'it starts again and again: a process that ends at once was running when Compose looked',
          `\`docker inspect --format '{{.RestartCount}}' $(docker compose ps -aq ${node.id})\`, \`docker compose logs ${node.id}\``,
        ]),
        [
          'status 137, `OOMKilled`',
          'the processes need more than `memory` each',
          `\`docker inspect --format '{{.State.OOMKilled}}' $(docker compose ps -aq ${first})\``,
        ],
        [
          '502 from nginx',
          'no process of the app listens',
          `\`docker compose ps ${first}\`; a restart loop shows in \`docker compose logs\``,
        ],
        [
          '504 from nginx',
          'a request took longer than `requestTimeout`',
          '`docker compose logs nginx`: `upstream_seconds` of the request',
        ],
        ['413 from nginx', 'the body is larger than `bodyLimit`', 'raise it in the stack'],
        ...rateLimited(stack),
        ['421 from nginx', 'no app has this Host', '`hosts` in the stack'],
        ...jobsOf(stack).map(({ node }) => [
          'the port of nginx takes no connection',
          `nginx starts after its apps, and they after the job ${node.id}: it still runs, or has failed`,
          `\`docker compose ps -a ${node.id}\`, \`docker compose logs ${node.id}\``,
        ]),
        ...(dockerCertificate(stack)
          ? [
              [
                '`bind source path does not exist`',
                'the certificate and its key are not there yet',
                `"Secrets" above, ${code(`ls -ln ${TLS_FOLDER}`)}`,
              ],
              ...tlsFailures(shown(stack), 'docker compose logs nginx'),
            ]
          : []),
        ...(dockerAcme(stack) ? acmeFailures(ACME_SAYS, ASK_AGAIN) : []),
        ['`address already in use`', 'another program has the port', '`ss -ltnp`'],
        ['exit status 78', 'a secret file cannot be read', '`ls -ln secrets`'],
        ...databaseFailures(stack, ({ node }) => `docker compose logs ${node.id}`),
      ],
    },
  ];
}

function stop({ stack }: Context): Section {
  const volumes =
    volumesOf(stack).length > 0 || dockerAcme(stack)
      ? [
          'docker compose down            # keeps the volumes',
          'docker compose down --volumes  # removes their content too',
        ]
      : ['docker compose down'];
  return ['Stop and remove', { shell: volumes }];
}
