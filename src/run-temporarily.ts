import { dirname, relative, sep } from 'node:path';
import { buildImages, missingBuildSecrets } from './deployment/build.js';
import { deploy, failureLine, type Deployed } from './deployment/deploy.js';
import type { Deployer, DeploymentStatus } from './deployment/deployer.js';
import { connectDocker } from './deployment/docker.js';
import { buildsOf } from './deployment/images.js';
import { deploymentTo } from './deployment/index.js';
import type { Release } from './deployment/ledger.js';
import { planOf, type Plan } from './deployment/plan.js';
import type { Answer, AskRequest } from './deployment/probe.js';
import type { Report } from './deployment/report.js';
import { secretValues } from './deployment/secret-values.js';
import { removeFolder } from './deployment/temporary.js';
import { UserError, userError } from './errors.js';
import type { Stack } from './model/stack.js';
import { writeOutputs } from './output.js';
import type { PlannedOutput } from './output-owner.js';
import { sourceReader, synthesizeFrom } from './synthesize.js';
import type { TargetName } from './targets/index.js';
import type { SynthesizeOptions } from './targets/target.js';

/** How a test runs a stack. */
export interface RunningStackOptions {
  /** Docker context or kubeconfig context. @default - what DOCKER_HOST, DOCKER_CONTEXT or KUBECONFIG say, else the current one */
  readonly context?: string;
  /** Stage under which it is deployed. @default - one that nobody else has: `test-` and six random digits */
  readonly stage?: string;
  /** Values of secrets, by id. @default - as for `synth deploy`, from their variables or files */
  readonly secrets?: Readonly<Record<string, string>>;
  /** References instead of those of apps and third parties, by name. */
  readonly images?: Readonly<Record<string, string>>;
  /** Docker context of the engine that builds the images, and pushes them where the stack names a registry. @default - the current one */
  readonly builder?: string;
  /** Seconds that building and deploying may take each. @default 600 */
  readonly timeout?: number;
  /** Gets a line for each thing that happens. @default - nobody */
  readonly onProgress?: (line: string) => void;
}

/** What a test sees of a stack that runs. */
export interface RunningStack {
  readonly target: TargetName;
  /** Name as deployed, with the stage. */
  readonly name: string;
  /** Where the edge takes requests from outside, `host:port`; those that the engine knows of. */
  readonly addresses: readonly string[];
  /**
   * One request to the edge, made inside its own container, so that no port has to be reachable from here.
   *
   * @param path with the prefix of the app
   * @param request `host` is the first Host that the first app answers if not given
   */
  ask(path: string, request?: Partial<Omit<AskRequest, 'path'>>): Promise<Answer>;
  status(): Promise<DeploymentStatus>;
}

/** A stack that is to run for a while. */
export interface Temporary {
  readonly stack: Stack;
  readonly target: TargetName;
  readonly name: string;
  readonly stage: string;
  /** Absolute folder of the project. */
  readonly root: string;
  /** Absolute folder of the output, and relative to the root. */
  readonly directory: string;
  readonly out: string;
  readonly options: RunningStackOptions;
}

/** Builds, deploys, uses and removes. */
export async function runTemporarily<T>(temporary: Temporary, use: (running: RunningStack) => Promise<T>): Promise<T> {
  const { target, options } = temporary;
  const output = synthesized(temporary);
  const deployer = await deploymentTo(target).connect(
    options.context === undefined ? {} : { context: options.context },
  );
  const { plan } = output;
  return tidily(
    async () => {
      await build(temporary, output);
      return use(await runningStack(deployer, plan, await deployed(deployer, temporary, output)));
    },
    async () => {
      await deployer.destroy(plan.name, {
        volumes: true,
        ...(plan.namespace === undefined ? {} : { namespace: plan.namespace }),
      });
      removeFolder(dirname(temporary.directory));
    },
  );
}

/** What went wrong first is what is told: a failure to clean up only where nothing had. */
async function tidily<T>(work: () => Promise<T>, cleanUp: () => Promise<void>): Promise<T> {
  let failed = true;
  try {
    const result = await work();
    failed = false;
    return result;
  } finally {
    await cleanUp().catch((error: unknown) => {
      if (!failed) throw error;
    });
  }
}

interface Synthesized extends PlannedOutput {
  readonly plan: Plan;
  readonly options: SynthesizeOptions;
}

function synthesized({ stack, target, stage, root, directory, out, options: { images = {} } }: Temporary): Synthesized {
  const given: SynthesizeOptions = { stage, images, out, root: relative(directory, root).split(sep).join('/') };
  const readOnce = sourceReader(stack, given);
  const files = synthesizeFrom(readOnce, stack, target, given);
  const { sources, texts } = readOnce();
  const options = { ...given, sources, texts };
  const owner = { stack: stack.name, stage, target };
  return { directory, owner, files, options, plan: planOf(stack, target, options) };
}

async function build({ stack, target, directory, options }: Temporary, output: Synthesized): Promise<void> {
  const planned = buildsOf(stack, target, output.options).map((one) => ({ build: one, directory }));
  if (planned.length === 0) return;
  const missing = missingBuildSecrets(planned);
  if (missing.length > 0) throw new UserError(missing);
  const context = options.builder ?? (target === 'kubernetes' ? undefined : options.context);
  const { docker } = await connectDocker(context === undefined ? {} : { context });
  writeOutputs([output]);
  const images = await buildImages(docker, planned, { push: stack.registry !== undefined }, reportOf(options));
  for (const { app, image, failure } of images) {
    if (failure === undefined) continue;
    throw userError(`${image} cannot be built: ${[failure.reason, ...(failure.lines ?? [])].join('; ')}`, {
      path: app,
    });
  }
}

async function deployed(deployer: Deployer, { name, root, options }: Temporary, output: Synthesized): Promise<Release> {
  const { plan, files, directory } = output;
  const given = Object.entries(options.secrets ?? {}).map(([id, value]) => [id, Buffer.from(value)] as const);
  const result = await deploy(
    deployer,
    {
      ...{ plan, files, directory },
      values: new Map<string, Uint8Array>([...secretValues(plan, root), ...given]),
      by: 'withRunningStack',
      write: () => void writeOutputs([output]),
      signal: AbortSignal.timeout((options.timeout ?? 600) * 1000),
    },
    reportOf(options),
  );
  if (result.ok) return result.release;
  throw didNotComeUp(name, result);
}

function didNotComeUp(name: string, result: Extract<Deployed, { ok: false }>): Error {
  return new Error([failureLine(result, name), ...result.logs.map((line) => `  ${line}`)].join('\n'));
}

function reportOf({ onProgress }: RunningStackOptions): Report {
  return { step: (line) => onProgress?.(line), progress: () => undefined };
}

async function runningStack(deployer: Deployer, plan: Plan, release: Release): Promise<RunningStack> {
  const probe = deployer.probe(release);
  return {
    target: plan.target,
    name: plan.name,
    addresses: await probe.addresses(),
    async ask(path, request = {}) {
      const answer = await probe.ask({ host: plan.apps[0]?.host ?? 'localhost', ...request, path });
      if (answer) return answer;
      throw userError(`${plan.name} has no edge of its own to ask; give its stack edge: 'nginx'`);
    },
    status: async () => deployer.status(await deployer.ledger(plan.name)),
  };
}
