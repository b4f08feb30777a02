import { MOUNTS } from '../../targets/containers.js';
import { verbatim } from '../../targets/kubernetes/expansion.js';
import { ownLabels } from './labels.js';
import type { ClusterObject } from './objects.js';

/** What is taken from a running Deployment. */
export interface Template {
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
  readonly spec: { readonly containers: readonly TemplateContainer[]; readonly [key: string]: unknown };
}

interface TemplateContainer {
  readonly name: string;
  readonly command?: readonly string[];
  readonly [key: string]: unknown;
}

export interface OneOff {
  /** Deployed name. */
  readonly name: string;
  readonly app: string;
  readonly command: readonly string[];
  readonly interactive: boolean;
  /** Name of the pod. */
  readonly pod: string;
}

/** Label by which a one-off pod is told from others, with its own name. */
export const RUN = 'asgi-synth/run';

/**
 * A pod that runs a command once, as the app itself would: same image, environment, secrets, volumes and restrictions. It has no label
 * that a Service or a budget selects by, so that no request comes to it, and no probe that would end it.
 */
export function runPod(template: Template, { name, app, command, interactive, pod }: OneOff): ClusterObject {
  const { topologySpreadConstraints: _spread, containers, ...spec } = template.spec;
  const container = containers.find((one) => one.name === app) ?? containers[0];
  if (!container) throw new Error(`the Deployment of ${app} has no container`);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: pod, labels: { ...ownLabels(name, 'run'), [RUN]: pod, 'asgi-synth/app': app } },
    spec: {
      ...spec,
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 10,
      containers: [runContainer(container, command, interactive)],
    },
  };
}

function runContainer(
  container: TemplateContainer,
  command: readonly string[],
  interactive: boolean,
): TemplateContainer {
  const {
    startupProbe: _startup,
    readinessProbe: _readiness,
    livenessProbe: _liveness,
    lifecycle: _lifecycle,
    ports: _ports,
    args: _args,
    ...rest
  } = container;
  return {
    ...rest,
    command: [...shimOf(container), ...command.map(verbatim)],
    ...(interactive ? { stdin: true, stdinOnce: true, tty: true } : {}),
  };
}

/** The words that set variables from secrets, where the app starts under them. */
function shimOf({ command = [] }: TemplateContainer): readonly string[] {
  return command.includes(`${MOUNTS}/start.py`) ? command.slice(0, command.indexOf('--') + 1) : [];
}

interface Policy extends ClusterObject {
  readonly spec: { readonly egress?: unknown };
}

/** Where an app may go, its one-off pod may go as well, and nobody may come to it. */
export function runPolicy(ofApp: ClusterObject, { name, pod }: OneOff): ClusterObject {
  const { egress } = (ofApp as Policy).spec;
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: pod, labels: ownLabels(name, 'run') },
    spec: {
      podSelector: { matchLabels: { [RUN]: pod } },
      policyTypes: ['Ingress', 'Egress'],
      ...(egress === undefined ? {} : { egress }),
    },
  };
}
