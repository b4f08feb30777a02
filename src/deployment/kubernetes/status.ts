import type { AppStatus, ContainerStatus, DeploymentStatus } from '../deployer.js';
import { currentRelease, type Ledger } from '../ledger.js';
import { isEnding, isReady, podsOf, type Pod, type Sight } from './sight.js';
import { appOf } from './watch.js';

/** What a sight of a stack says of its apps. */
export function statusOf(ledger: Ledger, engine: string, sight: Sight): DeploymentStatus {
  const release = currentRelease(ledger);
  return {
    name: ledger.name,
    engine,
    ...(release === undefined ? {} : { release: release.number, at: release.at, by: release.by }),
    apps: sight.deployments.map((deployment): AppStatus => {
      const app = appOf(deployment);
      const pods = podsOf(deployment, sight);
      return {
        app,
        image: deployment.spec.template.spec.containers[0]?.image ?? '',
        wanted: deployment.spec.replicas,
        healthy: pods.filter((pod) => isReady(pod) && !isEnding(pod)).length,
        containers: pods.map((pod) => containerOf(pod, app)).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
      };
    }),
  };
}

function containerOf(pod: Pod, app: string): ContainerStatus {
  const { metadata, spec, status } = pod;
  const container = status.containerStatuses?.find(({ name }) => name === app) ?? status.containerStatuses?.[0];
  const since = container?.state.running?.startedAt ?? container?.state.terminated?.finishedAt;
  return {
    name: metadata.name,
    ...(spec.nodeName === undefined ? {} : { node: spec.nodeName }),
    image: (spec.containers.find(({ name }) => name === container?.name) ?? spec.containers[0])?.image ?? '',
    state: stateOf(pod),
    restarts: container?.restartCount ?? 0,
    since: since ?? metadata.creationTimestamp ?? '',
    processes: container?.state.running ? 1 : 0,
  };
}

/** A pod that is about to end is stopped, although it still finishes what it has begun. */
function stateOf(pod: Pod): ContainerStatus['state'] {
  const [container] = pod.status.containerStatuses ?? [];
  if (isEnding(pod) || pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed') return 'stopped';
  if (isReady(pod)) return 'healthy';
  const hasFailed = container?.state.waiting !== undefined && container.restartCount > 0;
  return hasFailed || (container?.restartCount ?? 0) > 0 || container?.state.terminated ? 'unhealthy' : 'starting';
}
