import type { IConstruct } from 'constructs';
import { acmeSecrets, LARGEST_CERTIFICATE, namesOf } from './acme.js';
import type { AsgiApp } from './app.js';
import type { Job } from './job.js';
import type { Mistake } from './mistakes.js';
import { policyMistakes } from './policies.js';
import type { Stack } from './stack.js';
import type { Task } from './task.js';
import { tlsSecrets } from './tls.js';
import {
  configFilesOf,
  isWithin,
  jobsOf,
  runningOf,
  secretsOf,
  staticId,
  tasksOf,
  volumesOf,
  withStatic,
} from './tree.js';
import { show } from './values.js';

/** What is wrong only when the whole tree is looked at. */
export function treeMistakes(stack: Stack): Mistake[] {
  const apps = stack.apps;
  return [
    ...(apps.length === 0 ? [{ construct: stack, message: 'the stack is empty; add an AsgiApp to it' }] : []),
    ...duplicateNames(stack),
    ...staticNames(stack),
    ...apps.flatMap((app) => foreignReferences(stack, app)),
    ...certificateMistakes(stack),
    ...acmeMistakes(stack),
    ...tasksOf(stack).flatMap((task) => foreignApp(stack, task)),
    ...jobsOf(stack).flatMap((job) => foreignRunBefore(stack, job)),
    ...duplicateRoutes(apps),
    ...foreignRoutes(apps),
    ...wrongRedirects(stack),
    ...twoRequestIds(stack),
    ...publishedTwice(stack, apps),
    ...cycles(stack),
    ...validations(stack),
    ...policyMistakes(stack),
  ];
}

/** What the user's own rules (`node.addValidation`) say. */
function validations(stack: Stack): Mistake[] {
  return stack.node
    .findAll()
    .flatMap((construct) => construct.node.validate().map((message) => ({ construct, message })));
}

/** Ids are names on every target, so they must differ in the whole stack, at whatever depth. */
function duplicateNames(stack: Stack): Mistake[] {
  return [...taken([...runningOf(stack), ...volumesOf(stack), ...configFilesOf(stack)]), ...taken(secretsOf(stack))];
}

/** Static files are served under a name of their own. */
function staticNames(stack: Stack): Mistake[] {
  const names = [...runningOf(stack), ...volumesOf(stack), ...configFilesOf(stack)];
  return withStatic(stack).flatMap((app) =>
    names
      .filter(({ node }) => node.id === staticId(app))
      .map((construct) => ({
        construct,
        message: `the id ${show(construct.node.id)} is taken by the static files of ${app.node.path}; choose another`,
      })),
  );
}

function taken(constructs: readonly IConstruct[]): Mistake[] {
  const seen = new Map<string, IConstruct>();
  return constructs.flatMap((construct) => {
    const first = seen.get(construct.node.id);
    if (!first) seen.set(construct.node.id, construct);
    return first
      ? [
          {
            construct,
            message: `the id ${show(construct.node.id)} is already taken by ${first.node.path}; choose another`,
          },
        ]
      : [];
  });
}

function foreignReferences(stack: Stack, app: AsgiApp): Mistake[] {
  const stores = Object.values(app.connections).map(({ store }) => store);
  return [...new Set([...app.secrets, ...Object.values(app.volumes), ...Object.values(app.files), ...stores])]
    .filter((used) => !isWithin(stack, used))
    .map((used) => ({
      construct: app,
      message: `${used.node.path} belongs to another stack; make one in ${stack.node.path}`,
    }));
}

/** The edge alone reads the key of the certificate: an app that is broken into must not give it away. */
function certificateMistakes(stack: Stack): Mistake[] {
  const secrets = [...tlsSecrets(stack), ...acmeSecrets(stack)];
  return stack.apps.flatMap((app) =>
    app.secrets
      .filter((secret) => secrets.includes(secret))
      .map(({ node }) => ({
        construct: app,
        message: `the secret ${node.id} is of tls, and for the edge alone; take it out of the app`,
      })),
  );
}

/** What a certificate is for must be known, and the service that gets it has a name. */
function acmeMistakes(stack: Stack): Mistake[] {
  if (stack.tls?.source.kind !== 'acme') return [];
  const { length } = namesOf(stack);
  const same = [...runningOf(stack), ...volumesOf(stack), ...configFilesOf(stack)].filter(
    ({ node }) => node.id === 'acme',
  );
  return [
    ...(length === 0
      ? [
          {
            construct: stack,
            message: 'tls.acme gets a certificate for hosts, but no app has any; name them with hosts',
          },
        ]
      : []),
    ...(length > LARGEST_CERTIFICATE
      ? [
          {
            construct: stack,
            message: `tls.acme gets one certificate for all hosts and redirects, which are ${length}, but authorities put at most ${LARGEST_CERTIFICATE} into one; make several stacks of it`,
          },
        ]
      : []),
    ...same.map((construct) => ({
      construct,
      message: 'the id "acme" is taken by the service that gets the certificate for tls.acme; choose another',
    })),
  ];
}

function foreignApp(stack: Stack, task: Task): Mistake[] {
  const { tryApp: app } = task;
  if (!app || isWithin(stack, app)) return [];
  const message = `its app ${app.node.path} belongs to another stack; name one of ${stack.node.path}`;
  return [{ construct: task, message }];
}

function foreignRunBefore(stack: Stack, job: Job): Mistake[] {
  return job.runBefore
    .filter((app) => app !== job.tryApp && !isWithin(stack, app))
    .map(({ node }) => ({
      construct: job,
      message: `runBefore names ${node.path}, which belongs to another stack; name apps of ${stack.node.path}`,
    }));
}

function duplicateRoutes(apps: readonly AsgiApp[]): Mistake[] {
  const seen = new Map<string, AsgiApp>();
  return apps.flatMap((app) =>
    (app.hosts.length > 0 ? app.hosts : ['any host']).flatMap((host) => {
      const route = `${host} ${app.pathPrefix}`;
      const first = seen.get(route);
      if (!first) seen.set(route, app);
      const message = `${host} with path prefix ${app.pathPrefix} is already answered by ${first?.node.path}; give one of them another host or pathPrefix`;
      return first && first !== app ? [{ construct: app, message }] : [];
    }),
  );
}

/** A path below the prefix of another app is that one's, so that limits for it would be in vain. */
function foreignRoutes(apps: readonly AsgiApp[]): Mistake[] {
  return apps.flatMap((app) =>
    [
      ...app.routes.map(({ path }) => ({ prop: 'routes', path })),
      ...app.static.map(({ path }) => ({ prop: 'static', path })),
    ].flatMap(({ prop, path }) => {
      const whole = (app.pathPrefix === '/' ? '' : app.pathPrefix) + path;
      const owner = apps.find(
        (other) =>
          other.pathPrefix.length > app.pathPrefix.length &&
          `${whole}/`.startsWith(`${other.pathPrefix}/`) &&
          (other.hosts.length === 0 || other.hosts.some((host) => app.hosts.includes(host))),
      );
      if (owner === undefined) return [];
      const message = `${prop}[${show(path)}] is answered by ${owner.node.path}, whose pathPrefix is ${owner.pathPrefix}; say it there`;
      return [{ construct: app, message }];
    }),
  );
}

/** A host that leads to another one is answered by no app, and leads there at once. */
function wrongRedirects(stack: Stack): Mistake[] {
  return Object.entries(stack.redirects).flatMap(([from, to]) => {
    const redirect = `redirects[${show(from)}]`;
    const app = stack.apps.find(({ hosts }) => hosts.includes(from));
    const messages = [
      ...(app ? [`${redirect} is a host of ${app.node.path}; take it out of one of them`] : []),
      ...(Object.hasOwn(stack.redirects, to)
        ? [`${redirect} leads to ${to}, which leads on itself; name the host where it ends`]
        : []),
    ];
    return messages.map((message) => ({ construct: stack, message }));
  });
}

/** The edge sets one header of that name. */
function twoRequestIds({ requestId, apps }: Stack): Mistake[] {
  if (!requestId) return [];
  return apps.flatMap((construct) =>
    Object.keys(construct.responseHeaders)
      .filter((name) => name.toLowerCase() === 'x-request-id')
      .map((name) => ({
        construct,
        message: `responseHeaders[${show(name)}] is what requestId of the stack says; drop one of them`,
      })),
  );
}

/** With no edge of its own, each app of a stack takes a port of the machine or cluster. */
function publishedTwice(stack: Stack, apps: readonly AsgiApp[]): Mistake[] {
  if (stack.edge !== 'none' || apps.length < 2) return [];
  const seen = new Map<number, AsgiApp>();
  return apps.flatMap((app) => {
    const first = seen.get(app.port);
    if (!first) seen.set(app.port, app);
    const message = `port ${app.port} is already published by ${first?.node.path}; with edge: "none" each app needs a port of its own`;
    return first ? [{ construct: app, message }] : [];
  });
}

function cycles(stack: Stack): Mistake[] {
  const done = new Set<IConstruct>();
  const visit = (construct: IConstruct, way: readonly IConstruct[]): Mistake[] => {
    if (way.includes(construct)) {
      const circle = [...way.slice(way.indexOf(construct)), construct].map(({ node }) => node.path);
      return [{ construct, message: `depends on itself: ${circle.join(' -> ')}; remove one of these dependencies` }];
    }
    if (done.has(construct)) return [];
    done.add(construct);
    return construct.node.dependencies.flatMap((next) => visit(next, [...way, construct]));
  };
  return stack.node.findAll().flatMap((construct) => visit(construct, []));
}
