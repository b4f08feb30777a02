import type { AsgiApp } from '../model/app.js';
import type { Stack } from '../model/stack.js';
import { hasOwnEdge } from './edge.js';
import { rankAndAccountProblems } from './placement-problems.js';
import { requestProps, shownMetrics } from './observability-problems.js';
import type { Problem } from './target.js';
import { dockerTlsProblems } from './tls-problems.js';

/** What neither of the two Docker targets can honour. */
export function dockerProblems(stack: Stack, place: string): Problem[] {
  return [
    ...networkPolicies(stack, place),
    ...withoutEdge(stack),
    ...(hasOwnEdge(stack)
      ? []
      : shownMetrics(stack, { shownBy: 'nothing hides here and the app shows', way: 'take out edge' })),
    ...portInVain(stack),
    ...dockerTlsProblems(stack, place),
    ...stack.apps.flatMap((app) => processRange(app, place)),
    ...rankAndAccountProblems(stack, place),
  ];
}

function processRange(app: AsgiApp, place: string): Problem[] {
  const { scaling } = app;
  if (scaling === undefined) return [];
  const { min, max } = scaling;
  const message = `processes is a range from ${min} to ${max}, but ${place} does not change the number by the load; give one number, or accept that it is always ${max}`;
  return [{ id: 'processes-range', construct: app, prop: 'processes', message }];
}

/** A port that was asked for and that nothing listens on. */
function portInVain(stack: Stack): Problem[] {
  const { edge, apps, httpPort } = stack;
  if (!stack.given.has('httpPort') || hasOwnEdge(stack) || (edge === 'none' && apps.length === 1)) return [];
  const reason =
    edge === 'none'
      ? `with edge: "none" each of the ${apps.length} apps is published on its own port; give each app its port`
      : 'the edge on the network has ports of its own; take httpPort out';
  const message = `httpPort asks for port ${httpPort.port}, but ${reason}`;
  return [{ id: 'http-port', construct: stack, prop: 'httpPort', message }];
}

function networkPolicies(stack: Stack, place: string): Problem[] {
  return (['allowFrom', 'allowTo'] as const)
    .filter((prop) => stack[prop] !== undefined)
    .map((prop): Problem => ({
      id: 'network-policy',
      construct: stack,
      prop,
      message: `${prop} asks for a network policy, which ${place} does not have; use the firewall of its machines`,
    }));
}

/** Without an edge of ours, nobody does for an app what only an edge does. */
function withoutEdge(stack: Stack): Problem[] {
  if (hasOwnEdge(stack)) return [];
  const problem = (construct: Stack | AsgiApp, prop: string): Problem => ({
    id: 'hosts-without-edge',
    construct,
    prop,
    message: `${prop} is what an edge does, and this stack has none of its own; take out edge, or configure yours and accept this`,
  });
  return [
    ...(hasRedirects(stack) ? [problem(stack, 'redirects')] : []),
    ...requestProps(stack).map((prop) => problem(stack, prop)),
    ...(stack.given.has('nginx') ? [problem(stack, 'nginx')] : []),
    ...stack.apps.flatMap((app) => edgeProps(app).map((prop) => problem(app, prop))),
  ];
}

/** Whether hosts lead to others. */
export function hasRedirects({ redirects }: Stack): boolean {
  return Object.keys(redirects).length > 0;
}

/** The props of an app that an edge honours, and that were asked for. */
export function edgeProps(app: AsgiApp): string[] {
  return [
    ...(app.hosts.length > 0 ? ['hosts'] : []),
    ...(app.pathPrefix === '/' ? [] : ['pathPrefix']),
    ...(app.given.has('bodyLimit') ? ['bodyLimit'] : []),
    ...(app.routes.length > 0 ? ['routes'] : []),
    ...(Object.keys(app.responseHeaders).length > 0 ? ['responseHeaders'] : []),
    ...(app.rateLimit === undefined ? [] : ['rateLimit']),
    ...(app.static.length > 0 ? ['static'] : []),
    ...(app.given.has('nginx') ? ['nginx'] : []),
  ];
}
