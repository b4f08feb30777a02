import type { World } from '../../../src/cli/world.js';

/** A project, and a command line in it. What is printed is on a page. */
export interface Case {
  readonly title: string;
  readonly files: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  /** The text that the page shows above what was printed. @default - none */
  readonly shown?: string;
  /** Links in the project, each with where it leads. @default - none */
  readonly links?: Readonly<Record<string, string>>;
  /** Engines, machines and people that the test made up. @default - none is met */
  readonly world?: World;
  /** A file that somebody else writes while a question is asked. @default - none */
  readonly meanwhile?: string;
  /** Whether the command has been given before. @default false */
  readonly twice?: boolean;
}

const IMPORTS =
  "import { AsgiApp, Compose, ConfigFile, ExternalDatabase, Job, Kubernetes, Postgres, Redis, Schedule, Secret, Stack, Swarm, Volume, withStages, Worker } from 'asgi-synth';\n";

/** A stack file of these lines, and what `synth` says of it. */
export function ofStack(title: string, target: string, body: string, files: Case['files'] = {}): Case {
  return {
    title,
    files: { 'stacks/shop.ts': `${IMPORTS}${body}`, ...files },
    args: ['--target', target],
    shown: body,
  };
}
