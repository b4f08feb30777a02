import type { Plan } from '../plan.js';

/** Of a Secret: how many values it has had. */
export const REVISION = 'asgi-synth/revision';

/**
 * Of a pod template: the revisions that its pods have read. A pod reads a secret when it starts, so another revision needs other pods,
 * as `kubectl rollout restart` makes them. It is in no manifest, so that `kubectl apply -k .` by hand finds nothing to change.
 */
export const READ_REVISIONS = 'asgi-synth/secret-revisions';

/** Revision of a Secret that somebody else made, and of each at first. */
export const FIRST = 1;

export function revisionOf(annotations: Readonly<Record<string, string>> | undefined): number {
  const revision = Number(annotations?.[REVISION]);
  return Number.isInteger(revision) && revision > 0 ? revision : FIRST;
}

/** What the template of an app, a worker or nginx says of the revisions it has read; nothing while all are the first. */
export function readRevisions(
  { apps, workers = [], certificate }: Pick<Plan, 'apps' | 'workers' | 'certificate'>,
  id: string,
  revisions: Readonly<Record<string, number>>,
): string | undefined {
  const owner = workers.find((worker) => worker.id === id)?.app ?? id;
  const ofEdge = id === 'nginx' && certificate ? [certificate.certificate, certificate.key] : [];
  const used = apps.find((app) => app.id === owner)?.secrets ?? ofEdge;
  const raised = used.filter((secret) => (revisions[secret] ?? FIRST) > FIRST).toSorted();
  return raised.length === 0 ? undefined : raised.map((secret) => `${secret}=${revisions[secret]}`).join(' ');
}
