import type { Place } from '../formats/places/place.js';
import type { HttpPort, Stack } from '../model/stack.js';
import { healthTimes } from './containers.js';
import { existingNetwork, hasOwnEdge, publishedPort, takesHttp3, takesHttps } from './edge.js';
import type { ToldEdge, ToldPort } from './explanation.js';
import { commonSubject, dockerSubject, type Subject } from './subject.js';

/** What one host and a Swarm tell alike. */
export const DOCKER_EXPLANATION = {
  subjectOf: (file: string, place: Place, stack: Stack): Subject =>
    commonSubject(file, place, stack) ?? dockerSubject(file, place, stack),
  healthOf: healthTimes,
} as const;

/** Who takes requests on Docker. `where` says on which machines. */
export function dockerEdgeOf(stack: Stack, where: string): ToldEdge {
  if (hasOwnEdge(stack)) return { name: 'nginx', what: `nginx of ours ${where}`, ports: edgePorts(stack) };
  const network = existingNetwork(stack);
  if (network !== undefined)
    return { name: network, what: `the edge that is there already, on the network ${network}`, ports: [] };
  return { name: undefined, what: 'nothing: each app is published itself', ports: appPorts(stack) };
}

function edgePorts(stack: Stack): ToldPort[] {
  return [
    { port: spelled(stack.httpPort), what: 'nginx, HTTP' },
    ...(takesHttps(stack) ? [{ port: spelled(stack.httpsPort), what: 'nginx, HTTPS' }] : []),
    ...(takesHttp3(stack) ? [{ port: `${spelled(stack.httpsPort)}/udp`, what: 'nginx, HTTP/3' }] : []),
  ];
}

function appPorts(stack: Stack): ToldPort[] {
  return stack.apps.map((app) => ({ port: String(publishedPort(stack, app)), what: app.node.path }));
}

/** A port as its prop spells it. */
export function spelled({ address, port }: HttpPort): string {
  return address === undefined ? String(port) : `${address}:${port}`;
}
