import type { Rollout } from '../deployer.js';
import type { Kubectl } from '../kubectl.js';
import type { JobPlan } from '../plan.js';
import type { Report } from '../report.js';
import { applyVersion, checkVersion, type Version } from './apply.js';
import { checkEdge } from './edge-check.js';
import { runJob } from './job.js';
import { deleteLeftOver, liveOf } from './left-over.js';
import { withManifests } from './manifests.js';
import { keyOf, markOf, objectsOf, type ClusterObject } from './objects.js';
import { isReady, lookAt, type Deployment, type Sight } from './sight.js';
import { leadStatics, resumeStatics } from './statics.js';
import { untilServing } from './watch.js';

/** What there was before a rollout, and what it has seen: needed to take it back. */
export interface Course {
  readonly sight: Sight;
  /** The objects of the version that were there already, as they were. */
  readonly live: readonly ClusterObject[];
  /** Pods that have been ready: requests may be under way there. */
  readonly served: Set<string>;
}

export interface Rolling {
  readonly kubectl: Kubectl;
  readonly rollout: Rollout;
  /** What there was, where a job has been run for it already. */
  readonly course: Course | undefined;
  /** Called once it is known what there was. */
  begin(course: Course): void;
  /** Throws where the lock was lost. */
  guard(): void;
}

/** Brings a version up beside what runs, and lets the old one go. */
export function rollVersion(rolling: Rolling, report: Report): Promise<void> {
  const { kubectl, rollout, guard } = rolling;
  return withManifests(kubectl, rollout, async (manifests) => {
    const version: Version = { ...manifests, plan: rollout.plan, secrets: rollout.secrets };
    const course = await beginning(rolling, version);
    guard();
    const watched = {
      ...{ kubectl, plan: rollout.plan, before: course.sight, signal: rollout.signal },
      onLook: (look: Sight) => (guard(), noteReady(look, course)),
    };
    const deployments = deploymentNames(version);
    await resumeStatics(kubectl, rollout.plan);
    const halted = await leadStatics({ ...watched, version, previous: rollout.previous }, report);
    guard();
    report.step(`${rollout.plan.name}: release ${rollout.number} is applied`);
    await applyVersion(kubectl, version, report);
    if (halted.length > 0) {
      await untilServing({ ...watched, deployments: deployments.filter((name) => !halted.includes(name)) }, report);
      await resumeStatics(kubectl, rollout.plan);
    }
    const sight = await untilServing({ ...watched, deployments }, report);
    await checkEdge({ kubectl, plan: rollout.plan, sight, signal: rollout.signal }, report);
    await deleteDropped(kubectl, version, rollout, report);
  });
}

/** Runs a job of a version, before anything else of that version is there. */
export function runVersionJob(rolling: Rolling, job: JobPlan, report: Report): Promise<void> {
  const { kubectl, rollout, guard } = rolling;
  const { plan, files, secrets, signal } = rollout;
  return withManifests(kubectl, rollout, async (manifests) => {
    const version: Version = { ...manifests, plan, secrets };
    const course = await beginning(rolling, version);
    await runJob({ kubectl, version, files, job, course, report, signal, guard });
  });
}

/** The cluster takes the version, and it is known what there was before. */
async function beginning({ kubectl, course, begin }: Rolling, version: Version): Promise<Course> {
  if (course) return course;
  await checkVersion(kubectl, version);
  const begun = await courseOf(kubectl, version);
  begin(begun);
  return begun;
}

async function courseOf(kubectl: Kubectl, { objects, plan }: Version): Promise<Course> {
  const [sight, live] = await Promise.all([lookAt(kubectl, plan.name), liveOf(kubectl, objects)]);
  const course = { sight, live, served: new Set<string>() };
  noteReady(sight, course);
  return course;
}

export function noteReady({ pods }: Sight, { served }: Course): void {
  pods.filter(isReady).forEach(({ metadata }) => served.add(metadata.uid));
}

export function deploymentNames({ objects }: Pick<Version, 'objects'>): string[] {
  return objects.filter(({ kind }) => kind === 'Deployment').map(({ metadata }) => metadata.name);
}

async function deleteDropped(kubectl: Kubectl, version: Version, { previous }: Rollout, report: Report): Promise<void> {
  const before = previous ? objectsOf(previous.files) : [];
  await deleteLeftOver(
    kubectl,
    { wanted: version.objects, before },
    markOf(version.plan.name, version.objects),
    report,
  );
}

/** The Deployments of a version that ran before it, made by somebody who had no ledger. */
export function deploymentsBefore({ live, sight }: Course): Deployment[] {
  const keys = new Set(live.filter(({ kind }) => kind === 'Deployment').map((object) => keyOf(object)));
  return sight.deployments.filter((deployment) => keys.has(keyOf({ ...deployment, apiVersion: 'apps/v1' })));
}
