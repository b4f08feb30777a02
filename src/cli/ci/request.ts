import type { TargetName } from '../../targets/index.js';

/** Whose pipeline is written. */
export const SYSTEMS = ['github', 'gitlab'] as const;

export type System = (typeof SYSTEMS)[number];

/** What a pipeline must know of a stack. */
export interface PipelineRequest {
  /** Name of the stack. */
  readonly name: string;
  /** Path of its file, from the folder in which the commands run. */
  readonly file: string;
  readonly target: TargetName;
  /** Variables with the values of secrets. */
  readonly secrets: readonly string[];
  /** Prefix of built images; undefined where the stack names none. */
  readonly registry: string | undefined;
  /** Branch that is deployed. */
  readonly branch: string;
  /** Folder of the project in its repository; `.` for its root. */
  readonly folder: string;
}

/** Whether the system's own registry is meant, to which it lets a job in by itself. */
export function isOwnRegistry(system: System, registry: string): boolean {
  const [host = ''] = registry.split('/');
  return system === 'github' ? host === 'ghcr.io' : host === 'registry.gitlab.com';
}
