import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Complaint } from '../errors.js';
import { positionOf } from '../model/position.js';
import { show } from '../model/values.js';
import { buildArguments, type ImageBuild } from '../targets/builds.js';
import { BuildProgress, type BuildFailure } from './buildkit.js';
import type { Docker } from './docker.js';
import { lookUp } from './registry.js';
import type { Report } from './report.js';

/** An image to build, and the output that it is built for. */
export interface PlannedBuild {
  readonly build: ImageBuild;
  /** Absolute folder of the output. */
  readonly directory: string;
}

export interface BuildOptions {
  /** To the image's registry, instead of the engine that builds. */
  readonly push: boolean;
  /** Platforms with commas between, `linux/amd64,linux/arm64`. @default - that of the engine */
  readonly platform?: string;
}

/** What became of an image. */
export interface BuiltImage {
  readonly image: string;
  /** Id of the app, with `-static` behind it for its static files. */
  readonly app: string;
  readonly state: 'built' | 'present' | 'failed';
  readonly failure?: BuildFailure;
}

/**
 * Builds the images that are not there yet, one after the other, up to the first that fails. A tag names what is in an image, so one that
 * is there is right.
 */
export async function buildImages(
  docker: Docker,
  planned: readonly PlannedBuild[],
  options: BuildOptions,
  report: Report,
): Promise<BuiltImage[]> {
  const results: BuiltImage[] = [];
  for (const one of eachOnce(planned)) {
    const result = await buildUnlessPresent(docker, one, options, report);
    results.push(result);
    if (result.state === 'failed') break;
  }
  return results;
}

/** Swarm and Kubernetes run the same image. */
function eachOnce(planned: readonly PlannedBuild[]): PlannedBuild[] {
  return [...new Map(planned.map((one) => [one.build.image, one])).values()];
}

async function buildUnlessPresent(
  docker: Docker,
  { build, directory }: PlannedBuild,
  options: BuildOptions,
  report: Report,
): Promise<BuiltImage> {
  const { image } = build;
  const app = build.id;
  if (await isPresent(docker, image, options)) {
    report.step(`${app}: ${image} is there already`);
    return { image, app, state: 'present' };
  }
  report.step(`${app}: building ${image}`);
  const progress = new BuildProgress();
  const { exitCode } = await docker.attempt(buildArguments(build, { ...options, progress: 'plain' }), {
    cwd: directory,
    onLine: (line) => {
      const step = progress.line(line);
      if (step !== undefined) report.progress(`${app}: ${step}`);
    },
  });
  if (exitCode !== 0) return { image, app, state: 'failed', failure: progress.failure() };
  report.step(`${app}: ${options.push ? 'pushed' : 'built'} ${image}`);
  return { image, app, state: 'built' };
}

async function isPresent(docker: Docker, image: string, { push, platform }: BuildOptions): Promise<boolean> {
  const wanted = platform?.split(',') ?? [];
  if (push) {
    const found = await lookUp(docker, image);
    return found.found && wanted.every((one) => found.image.platforms.includes(one));
  }
  const { stdout, exitCode } = await docker.attempt([
    'image',
    'inspect',
    '--format',
    '{{.Os}}/{{.Architecture}}',
    image,
  ]);
  return exitCode === 0 && wanted.every((one) => one === stdout.trim());
}

/** Secrets of builds that are given nowhere, each at the app that needs it. */
export function missingBuildSecrets(
  planned: readonly PlannedBuild[],
  env: NodeJS.ProcessEnv = process.env,
): Complaint[] {
  const complaints = planned.flatMap(({ build: { app, secrets }, directory }) =>
    secrets.flatMap(({ id, environment, file }): Complaint[] => {
      const where = { position: positionOf(app), path: app.node.path };
      if (file !== undefined)
        return existsSync(resolve(directory, file))
          ? []
          : [
              {
                ...where,
                message: `build.secrets.${id} is the file ${show(file)}, which is not there; write it and build again`,
              },
            ];
      return env[environment ?? id] === undefined
        ? [
            {
              ...where,
              message: `build.secrets.${id} is the variable ${environment}, which is not set; set it and build again`,
            },
          ]
        : [];
    }),
  );
  // Every target builds the app anew.
  return [...new Map(complaints.map((one) => [JSON.stringify([one.path, one.message]), one])).values()];
}
