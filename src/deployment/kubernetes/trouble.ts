import type { Cause } from '../cause.js';
import type { Condition, ContainerState, Deployment, Pod } from './sight.js';
import { isReady } from './sight.js';

/** Something that keeps a version from serving. It is a failure once it has lasted for long enough to be certain. */
export interface Trouble {
  readonly why: Cause;
  /** What was seen, one line. */
  readonly detail: string;
  /** Seconds after which it goes away by itself no more. */
  readonly patience: number;
  /** Which run of the container has something to tell. */
  readonly logs?: { readonly container: string; readonly previous: boolean };
}

/** What the kubelet and the scheduler told of a pod. */
export interface PodEvent {
  readonly reason: string;
  readonly message: string;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
}

/** What must be known beside the pod itself. */
export interface Circumstances {
  /** Oldest first; none for a pod that was there before the rollout. */
  readonly events: readonly PodEvent[];
  /** How often its containers had been restarted before the rollout. */
  readonly restartsBefore: number;
  /** Seconds that the app may take to start. */
  readonly startup: number;
}

/** A node may become free while pods of the old version stop, and an autoscaler says within its 10 s loop that it is at work. */
export const UNSCHEDULABLE_PATIENCE = 15;
/** A registry that does not answer once is asked again after 10 and 20 s. */
const PULL_PATIENCE = 35;
/** Volumes move from node to node, and sandboxes fail while a node's network starts. */
const MOUNT_PATIENCE = 60;
/** The readiness probe asks every 5 s, and a busy node is late. */
const READY_PATIENCE = 15;

/** What is wrong with a pod; nothing where it is ready or on its way. */
export function podTrouble(pod: Pod, circumstances: Circumstances): Trouble | undefined {
  if (isReady(pod)) return undefined;
  const { status } = pod;
  return (
    schedulingTrouble(pod, circumstances) ??
    [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]
      .map((container) => containerTrouble(container, circumstances))
      .find((trouble) => trouble !== undefined)
  );
}

function schedulingTrouble({ status }: Pod, { events }: Circumstances): Trouble | undefined {
  const scheduled = condition(status.conditions, 'PodScheduled');
  if (scheduled?.status !== 'False' || scheduled.reason !== 'Unschedulable') return undefined;
  // Somebody makes room for it: the scheduler, the cluster autoscaler, Karpenter.
  if (status.nominatedNodeName || events.some(({ reason }) => MAKES_ROOM.includes(reason))) return undefined;
  return { why: 'not-schedulable', detail: firstSentence(scheduled.message), patience: UNSCHEDULABLE_PATIENCE };
}

const MAKES_ROOM: readonly string[] = ['TriggeredScaleUp', 'Nominated'];

function containerTrouble(container: ContainerState, circumstances: Circumstances): Trouble | undefined {
  return (
    pullTrouble(container) ??
    creationTrouble(container, circumstances) ??
    probeTrouble(container, circumstances) ??
    crashTrouble(container, circumstances) ??
    readinessTrouble(container, circumstances)
  );
}

function pullTrouble({ state: { waiting } }: ContainerState): Trouble | undefined {
  if (waiting?.reason === undefined || !PULL_REASONS.includes(waiting.reason)) return undefined;
  const detail = pullDetail(waiting.message ?? waiting.reason);
  return {
    why: 'image-not-pulled',
    detail,
    patience: NEVER_THERE.test(`${waiting.reason} ${detail}`) ? 0 : PULL_PATIENCE,
  };
}

const PULL_REASONS: readonly string[] = [
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'RegistryUnavailable',
];

/** What a registry says that is there and will not change its mind. */
const NEVER_THERE =
  /InvalidImageName|ErrImageNeverPull|not found|NotFound|manifest unknown|unauthorized|denied|forbidden|no match for platform|no basic auth/i;

/** containerd wraps its reason several times; the innermost sentence and the reference are what counts. */
function pullDetail(message: string): string {
  const inner = message
    .replace(/^Back-off pulling image ("[^"]*"): /, '$1: ')
    .replace(/ErrImagePull: |rpc error: code = \w+ desc = /g, '')
    .replace(/failed to pull and unpack image "[^"]*": /, '')
    .replace(/failed to resolve reference ("[^"]*"): /, '');
  return oneLine(inner);
}

function creationTrouble({ state: { waiting } }: ContainerState, { events }: Circumstances): Trouble | undefined {
  const reason = waiting?.reason ?? '';
  if (CREATION_REASONS.includes(reason))
    return { why: 'crashed-at-start', detail: oneLine(waiting?.message ?? reason), patience: 2 };
  if (reason !== 'ContainerCreating' && reason !== 'PodInitializing') return undefined;
  const event = events.findLast((one) => MOUNT_REASONS.includes(one.reason));
  if (!event) return undefined;
  const patience = /(secret|configmap) "?[^"\s]+"? not found/i.test(event.message) ? 5 : MOUNT_PATIENCE;
  return { why: 'not-schedulable', detail: oneLine(event.message), patience };
}

const CREATION_REASONS: readonly string[] = ['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError'];
const MOUNT_REASONS: readonly string[] = ['FailedMount', 'FailedAttachVolume', 'FailedCreatePodSandBox'];

/** The kubelet says so before it ends the container, which may take as long as a stop does. */
function probeTrouble({ name, lastState }: ContainerState, { events }: Circumstances): Trouble | undefined {
  const killed = events.findLast(
    ({ reason, message }) => reason === 'Killing' && /failed (startup|liveness) probe/.test(message),
  );
  if (!killed) return undefined;
  return {
    why: 'unhealthy',
    detail: probeMessage(events) ?? oneLine(killed.message),
    patience: 0,
    logs: { container: name, previous: lastState.terminated !== undefined },
  };
}

function probeMessage(events: readonly PodEvent[]): string | undefined {
  const message = events.findLast(({ reason }) => reason === 'Unhealthy')?.message;
  return message && oneLine(message);
}

function crashTrouble(
  { name, restartCount, state, lastState }: ContainerState,
  { restartsBefore }: Circumstances,
): Trouble | undefined {
  const ended = state.terminated ?? lastState.terminated;
  if (!ended) return undefined;
  const isBackingOff = state.waiting?.reason === 'CrashLoopBackOff';
  // It may succeed the second time: a database that starts as well.
  const times = restartCount - restartsBefore + (state.terminated ? 1 : 0);
  const logs = { container: name, previous: state.terminated === undefined };
  if (ended.reason === 'OOMKilled' && times >= 1)
    return { why: 'out-of-memory', detail: 'its process was killed at the memory limit', patience: 0, logs };
  if (!isBackingOff && times < 2) return undefined;
  return {
    why: 'crashed-at-start',
    detail: exitDetail(ended.exitCode, ended.reason, ended.message),
    patience: 0,
    logs,
  };
}

function exitDetail(exitCode: number, reason: string | undefined, message: string | undefined): string {
  const isStart = reason === 'StartError' || reason === 'ContainerCannotRun';
  if (isStart && message) return oneLine(message);
  return exitCode > 128 ? `exit code ${exitCode} (signal ${exitCode - 128})` : `exit code ${exitCode}`;
}

function readinessTrouble({ name, state }: ContainerState, { events, startup }: Circumstances): Trouble | undefined {
  if (!state.running) return undefined;
  return {
    why: 'unhealthy',
    detail: probeMessage(events) ?? `not ready after ${startup} s`,
    patience: startup + READY_PATIENCE,
    logs: { container: name, previous: false },
  };
}

/** What is wrong with a Deployment although no pod shows it: a quota, an admission rule, or nothing that we know of. */
export function deploymentTrouble({ metadata, spec, status }: Deployment): Trouble | undefined {
  if (spec.paused)
    return { why: 'timeout', detail: `it is paused; kubectl rollout resume deployment/${metadata.name}`, patience: 0 };
  if ((status.observedGeneration ?? 0) < metadata.generation) return undefined;
  const refused = condition(status.conditions, 'ReplicaFailure');
  if (refused?.status === 'True')
    return { why: 'not-schedulable', detail: oneLine(refused.message ?? ''), patience: 10 };
  const progress = condition(status.conditions, 'Progressing');
  if (progress?.status === 'False' && progress.reason === 'ProgressDeadlineExceeded')
    return { why: 'timeout', detail: oneLine(progress.message ?? ''), patience: 5 };
  return undefined;
}

function condition(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((one) => one.type === type);
}

/** `0/2 nodes are available: 2 Insufficient memory. preemption: …` without its advice. */
function firstSentence(message = ''): string {
  return oneLine(message)
    .replace(/\. (no new claims|preemption:).*$/, '')
    .replace(/\.$/, '');
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
