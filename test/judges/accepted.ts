/** Findings of foreign judges that we accept, each with the reason. Everything else fails the tests. */
export const ACCEPTED: readonly { readonly judge: string; readonly id: string; readonly reason: string }[] = [
  {
    judge: 'kube-score',
    id: 'pod-probes-identical',
    reason: 'an app with one health path has the same probe for readiness and liveness; the user splits it with health: { readiness, liveness }',
  },
];

export function isAccepted(judge: string, id: string): boolean {
  return ACCEPTED.some((accepted) => accepted.judge === judge && accepted.id === id);
}
