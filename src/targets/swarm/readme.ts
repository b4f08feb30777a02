import { code, markdownPage, type MarkdownPart } from '../../formats/markdown.js';
import { longestRequest, type AsgiApp } from '../../model/app.js';
import {
  jobsOf,
  releasedIds,
  runningOf,
  schedulesOf,
  secretsOf,
  staticId,
  volumesOf,
  withStatic,
} from '../../model/tree.js';
import { imageBuilds } from '../builds.js';
import type { Context } from '../context.js';
import { staticTable } from '../readme-static.js';
import { ACME, EDGE_VOLUME } from '../acme.js';
import { dockerAcme, dockerCertificate, hasOwnEdge, takesHttps } from '../edge.js';
import { EDGE_CHECK, LEAVE } from './edge.js';
import { buildCommands, jobTable, processTable, rateLimited, scheduleTable, workerTable } from '../readme.js';
import { databaseFailures, databaseSections } from '../readme-databases.js';
import { dockerMetrics } from '../readme-metrics.js';
import { edgeRequest, http3Section, overHttps, tlsFailures } from '../readme-tls.js';
import { jobs, registryOptions } from './readme-jobs.js';
import { nodes } from './readme-nodes.js';
import { certificate, certificateFailures, secrets, shownCertificate } from './readme-secrets.js';
import { swarmTimeouts } from './timeouts.js';

type Section = readonly [string, ...MarkdownPart[]];

/** The operator's page: what to run, and what to look at when it fails. */
export function readme(context: Context): string {
  const { name, header } = context;
  return markdownPage(`${name} on a Swarm`, [
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
        'With `synth deploy` the new files come before the new app, and the last of the old ones go after the last process of the old app; with Docker alone they go 30 s after the first new container is healthy. A page that stays open and asks for an old file then gets 404.',
      ),
      ...workerTable(context),
      ...jobTable(context),
      ...scheduleTable(
        context,
        'Each is a task with a scheduler, whose log has the history. A tick that was missed while it was down is left out; on a node that is cut off and goes on, one may run as well.',
      ),
      ...cutRequests(context),
    ],
    needs(context),
    ...build(context),
    ...secrets(context),
    ...nodes(context),
    ...jobs(context),
    deploy(context),
    ...certificate(context),
    ...http3Section(context.stack, 'each node', dockerAcme(context.stack) && 'a renewed certificate'),
    ...databases(context),
    ...metrics(context),
    look(context),
    whenItFails(context),
    rollBack(context),
    prune(context),
    remove(context),
  ]);
}

function introduction({ stack }: Context): string {
  const edge = hasOwnEdge(stack)
    ? `nginx runs on every node, takes requests on port ${stack.httpPort.port}${overHttps(stack)} of that node and balances them over all healthy replicas in the Swarm.`
    : 'There is no edge of this stack: what is published or joined is in `stack.yaml`.';
  return `Each replica is one container with one Uvicorn process; Swarm replicates, restarts and replaces them. ${edge}`;
}

/** A stop holds more than the wait for requests, so that the longest of them may not fit into it. */
function cutRequests({ stack }: Context): MarkdownPart[] {
  return stack.apps.flatMap((app) => {
    const longest = longestAtStop(app);
    if (longestRequest(app) <= longest) return [];
    return `When a replica of ${code(app.node.id)} is replaced, a request that takes longer than ${longest} s is cut, although ${longestRequest(app)} s are allowed: a Swarm gives a replica ${swarmTimeouts(app).stopGrace} s to stop.`;
  });
}

/** Seconds that a request has left once its replica is to stop. What a command of the user's own does then is only known when it is killed. */
function longestAtStop(app: AsgiApp): number {
  const { graceful, stopGrace, drain } = swarmTimeouts(app);
  return app.command === undefined ? graceful : stopGrace - drain;
}

function needs({ stack }: Context): Section {
  const network = typeof stack.edge === 'object' ? ` The overlay network ${code(stack.edge.network)} must exist.` : '';
  return [
    'What it needs',
    `A Swarm of Docker Engine 24 or newer; commands run on a manager, in this folder.${network}`,
  ];
}

function build(context: Context): Section[] {
  if (imageBuilds(context).length === 0) return [];
  const where =
    context.stack.registry === undefined
      ? 'The stack names no `registry`, so the images stay on the machine that builds them: that is enough for a Swarm of one node.'
      : 'Every node pulls the images from the registry.';
  return [['Build', where, { shell: buildCommands(context) }]];
}

function deploy(context: Context): Section {
  const { name, stack } = context;
  const check = hasOwnEdge(stack) ? [edgeRequest(stack, '127.0.0.1', takesHttps(stack))] : [];
  return [
    'Deploy and update',
    'New replicas start beside the old ones, and an old one is stopped only when a new one is healthy. A version that does not become healthy is rolled back, after which the command still ends with 0: the last command tells.',
    {
      shell: [
        `docker stack deploy --compose-file stack.yaml --detach=false --prune ${registryOptions(stack)} ${name}`,
        ...updatedIds(stack).map(
          (id) =>
            `docker service inspect --format '{{.Spec.Name}} {{if .UpdateStatus}}{{.UpdateStatus.State}} {{.UpdateStatus.Message}}{{else}}has nothing to update{{end}}' ${name}_${id}`,
        ),
        ...check,
      ],
    },
    ...(hasOwnEdge(stack)
      ? [
          `A change of nginx itself stops it on one node after the other, since two cannot hold one port; apps are never touched by that, nor nginx by an update of an app. For ${LEAVE} s before it stops its answers tell clients to use another connection for the next request.`,
          `A balancer in front of the nodes loses nothing by that where it checks each of them over HTTP at \`${EDGE_CHECK}\`, port ${stack.httpPort.port}, with the address of the node or nothing as Host, every 3 s or more often, and lets go of one after two answers other than 204: for those ${LEAVE} s it is 503. One that looks only whether the port is open lets go too late.`,
        ]
      : []),
  ];
}

function databases(context: Context): Section[] {
  const { name } = context;
  const container = (id: string) => `$(docker ps --quiet --filter label=com.docker.swarm.service.name=${name}_${id})`;
  const scale = (id: string, replicas: number) => `docker service scale --detach=false ${name}_${id}=${replicas}`;
  return databaseSections(context, {
    where:
      'Each database is one task on the node that has its volume; it is stopped before a changed one starts, and an update of an app does not touch it. An app waits for its database before it starts. `docker exec` works on that node only, `docker service` on a manager.',
    exec: ({ node }, terminal) => `docker exec ${terminal ? '-it' : '-i'} ${container(node.id)}`,
    restart: ({ node }) => [`docker service update --force --detach=false ${name}_${node.id}`],
    stop: ({ node }) => [
      scale(node.id, 0),
      // The scale command returns while they still end.
      `while docker service ps --format '{{.CurrentState}}' ${name}_${node.id} | grep -q ^Running; do sleep 1; done`,
    ],
    start: ({ node, processes }) => [scale(node.id, processes)],
  });
}

function metrics({ stack, name }: Context): Section[] {
  const where = `A Prometheus that is a service on the network ${code(`${name}_default`)} finds each replica by DNS, and adds up what they tell. Another stack joins that network with ${code('external: true')}.`;
  return dockerMetrics(stack, { name, where, hostOf: ({ node }) => `tasks.${node.id}` });
}

function look({ name, stack }: Context): Section {
  const ended = jobsOf(stack).map(({ node }) => node.id);
  const running = runningOf(stack).map(({ node }) => node.id);
  const names = [...running, ...withStatic(stack).map(staticId)].filter((id) => !ended.includes(id));
  return [
    'Look',
    {
      shell: [
        `docker stack services ${name}`,
        `docker stack ps --no-trunc ${name}`,
        ...names.map((id) => `docker service logs --follow --tail 100 ${name}_${id}`),
      ],
    },
  ];
}

function whenItFails(context: Context): Section {
  const { name, stack } = context;
  const first = `${name}_${stack.apps[0]?.node.id ?? 'api'}`;
  return [
    'When it fails',
    {
      rows: [
        ['what you see', 'what it is', 'look at'],
        [
          '`Rejected`, `Range of CPUs`',
          '`cpu` is more than the node has cores',
          '`docker node inspect --pretty NODE`; a lower `cpu` in the stack',
        ],
        [
          '`Rejected`, `No such image`',
          'a node cannot pull the image',
          `\`docker stack ps --no-trunc ${name}\`; log in with \`docker login\` and deploy with \`--with-registry-auth\``,
        ],
        [
          '`Pending`, `no suitable node`',
          'a placement constraint or limit fits no node',
          `\`docker service ps --no-trunc ${first}\`, \`docker node ls\``,
        ],
        [
          '`Failed`, `unhealthy container`',
          'the health path does not answer 200 to 399 in time',
          `\`docker service logs ${first}\``,
        ],
        [
          'exit status 137',
          'killed: more memory than `memory`, or not gone within the stop grace period',
          '`docker inspect --format "{{.State.OOMKilled}}"` of the container, on its node',
        ],
        ['exit status 78', 'a secret cannot be read', '`docker secret ls`'],
        ...databaseFailures(stack, ({ node }) => `docker service logs ${name}_${node.id}`),
        [
          '`rollback_completed`',
          'the new version was not healthy; the old one serves',
          `\`docker service ps --no-trunc ${first}\` for the tasks that failed`,
        ],
        [
          '502 or 504 from nginx',
          'no replica listens, or a request took longer than `requestTimeout`',
          `\`docker service logs ${name}_nginx\``,
        ],
        ['413 from nginx', 'the body is larger than `bodyLimit`', 'raise it in the stack'],
        ...rateLimited(stack),
        ['421 from nginx', 'no app has this Host', '`hosts` in the stack'],
        ...(dockerCertificate(stack) ? tlsFailures(shownCertificate(stack), `docker service logs ${name}_nginx`) : []),
        ...certificateFailures(context),
      ],
    },
  ];
}

function rollBack({ name, stack }: Context): Section {
  return [
    'Go back',
    'To the specification before the last one:',
    {
      shell: updatedIds(stack).map((id) => `docker service rollback ${name}_${id}`),
    },
  ];
}

function updatedIds(stack: Context['stack']): string[] {
  return [...releasedIds(stack), ...schedulesOf(stack).map(({ node }) => node.id)];
}

function prune({ name }: Context): Section {
  return [
    'Prune',
    'Configs are named by their content; those of earlier versions stay until they are removed. Docker refuses to remove one that is in use, and says so.',
    {
      shell: [
        `docker config ls --quiet --filter label=com.docker.stack.namespace=${name} | xargs --no-run-if-empty docker config rm`,
      ],
    },
  ];
}

function remove({ name, stack }: Context): Section {
  const volumes = [...volumesOf(stack).map(({ node }) => node.id), ...(dockerAcme(stack) ? [ACME] : [])];
  const everyNode = dockerAcme(stack) ? ` On every node: ${code(`docker volume rm ${name}_${EDGE_VOLUME}`)}.` : '';
  const secrets = secretsOf(stack).some(({ external }) => external === undefined);
  return [
    'Remove',
    {
      shell: [
        `docker stack rm ${name}`,
        ...(secrets
          ? [
              `docker secret ls --quiet --filter label=asgi-synth.stack=${name} | xargs --no-run-if-empty docker secret rm`,
            ]
          : []),
      ],
    },
    ...(volumes.length > 0
      ? [
          `Volumes stay where they are, with what they hold. On those nodes: ${code(`docker volume rm ${volumes.map((id) => `${name}_${id}`).join(' ')}`)}.${everyNode}`,
        ]
      : []),
  ];
}
