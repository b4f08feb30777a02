import type { Stack } from '../model/stack.js';
import type { Problem } from './target.js';

/** The props of a stack about requests that only an edge of ours honours, and that were asked for. */
export function requestProps(stack: Stack): ('accessLog' | 'requestId')[] {
  return [
    ...(stack.given.has('accessLog') ? ['accessLog' as const] : []),
    ...(stack.requestId ? ['requestId' as const] : []),
  ];
}

/** What the controller of an Ingress or a Gateway has settings of its own for. */
export function toldByController(stack: Stack, edge: string): Problem[] {
  const what = {
    accessLog: { id: 'access-log', told: 'how requests are logged' },
    requestId: { id: 'request-id', told: 'the id of a request' },
  } as const;
  return requestProps(stack).map((prop): Problem => ({
    id: what[prop].id,
    construct: stack,
    prop,
    message: `${prop} is ${String(stack[prop])}, but ${what[prop].told} is up to the controller of ${edge}; use edge: "nginx", or set it there and accept this`,
  }));
}

/** The apps whose metrics anybody can read where nobody hides their path. */
export function shownMetrics({ apps }: Stack, { shownBy, way }: { shownBy: string; way: string }): Problem[] {
  return apps.flatMap((app): Problem[] => {
    const { metrics } = app;
    if (metrics === undefined || metrics.public) return [];
    const message = `metrics are at ${metrics.path}, which ${shownBy} to everybody who asks; ${way}, set public: true, or hide it there and accept this`;
    return [{ id: 'metrics-public', construct: app, prop: 'metrics', message }];
  });
}
