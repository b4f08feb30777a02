import type { Stack } from '../../model/stack.js';
import type { ReadSources } from '../../sources/read-sources.js';
import type { TargetName } from '../../targets/index.js';
import { checkDisk } from './disk.js';
import { askEngine, checkBuildx, checkCompose, checkEngine, type Engine } from './engine.js';
import type { Finding } from './finding.js';
import { checkKubernetes } from './kubernetes.js';
import type { Machine } from './machine.js';
import { checkNode } from './node.js';
import { checkPort, hostPorts } from './ports.js';
import { checkRegistry } from './registry.js';
import { checkSecrets } from './secrets.js';
import { checkSources } from './sources.js';
import { checkSwarm } from './swarm.js';

/** The stack whose machine is looked at. */
export interface Patient {
  readonly stack: Stack;
  /** Deployed name. */
  readonly name: string;
  readonly stage?: string | undefined;
  /** Folder that paths of the stack are relative to. */
  readonly root: string;
  readonly read: ReadSources;
}

export interface DoctorOptions {
  readonly targets: readonly TargetName[];
  /** Whether the targets were asked for. Else what not every one needs is no failure where it is missing. */
  readonly asked: boolean;
  /** Context of docker, or of kubectl for Kubernetes. */
  readonly context?: string | undefined;
  /** What no check of the stack can be made without. */
  readonly patient: Patient | undefined;
}

/** Something to look at, and who needs it. */
interface Check {
  readonly needs: readonly TargetName[];
  /** Targets that do without it, as images may be built elsewhere. */
  readonly likes?: readonly TargetName[];
  look(): Finding | Promise<Finding> | Finding[] | Promise<Finding[]>;
}

const EVERY: readonly TargetName[] = ['bare-metal', 'swarm', 'kubernetes'];
const DOCKER: readonly TargetName[] = ['bare-metal', 'swarm'];

/** Looks at everything that the targets need, all at once. The findings come in the order of the checks. */
export async function examine(machine: Machine, options: DoctorOptions): Promise<Finding[]> {
  const { targets, asked } = options;
  const isDocker = targets.some((one) => one !== 'kubernetes');
  const engine = await askEngine(machine, isDocker ? options.context : undefined);
  const checks = checksOf(machine, engine, options).filter(({ needs, likes = [] }) =>
    [...needs, ...likes].some((one) => targets.includes(one)),
  );
  const found = await Promise.all(
    checks.map(async (check) => {
      const isNeeded = asked ? check.needs.some((one) => targets.includes(one)) : check.needs === EVERY;
      return [await check.look()].flat().map((one) => (isNeeded ? one : milder(one)));
    }),
  );
  return found.flat();
}

function milder(finding: Finding): Finding {
  return finding.result === 'failed' ? { ...finding, result: 'warning' } : finding;
}

function checksOf(machine: Machine, engine: Engine, options: DoctorOptions): Check[] {
  const { targets, context, patient } = options;
  const forKubectl = targets.every((one) => one === 'kubernetes') ? context : undefined;
  return [
    { needs: EVERY, look: () => checkNode(machine) },
    { needs: DOCKER, likes: ['kubernetes'], look: () => checkEngine(engine) },
    { needs: ['bare-metal'], look: () => checkCompose(engine) },
    { needs: DOCKER, likes: ['kubernetes'], look: () => checkBuildx(engine) },
    { needs: ['swarm'], look: () => checkSwarm(engine) },
    { needs: ['kubernetes'], look: () => checkKubernetes(machine, forKubectl, patient) },
    { needs: DOCKER, likes: ['kubernetes'], look: () => checkDisk(machine, engine) },
    ...(patient ? checksOfStack(machine, engine, patient, targets) : []),
  ];
}

function checksOfStack(
  machine: Machine,
  engine: Engine,
  { stack, name, stage, root, read }: Patient,
  targets: readonly TargetName[],
): Check[] {
  return [
    { needs: EVERY, look: () => checkSources(stack, read, targets) },
    { needs: ['swarm', 'kubernetes'], look: () => checkRegistry(machine, stack) },
    { needs: EVERY, look: () => checkSecrets(machine, { stack, root }, targets) },
    ...hostPorts(stack).map((port): Check => ({
      needs: DOCKER,
      look: () => checkPort(machine, engine, port, { name, stage, targets }),
    })),
  ];
}
