import { SCHEDULE_SCRIPT, START_SCRIPT } from '../../../formats/python.js';
import { patchesOf } from '../../../model/patches.js';
import type { Stack } from '../../../model/stack.js';
import { schedulesOf, workersOf } from '../../../model/tree.js';
import { configFileOutputs } from '../../config-files.js';
import type { Context } from '../../context.js';
import { imageFiles } from '../../image-files.js';
import type { OutputFile } from '../../target.js';
import { developmentYaml } from './compose-file.js';
import { developmentContext, developmentPorts, type DevelopmentOptions } from './context.js';
import { developmentReadme } from './readme.js';
import { changeRules, type ChangeRule } from './source.js';

/** The files that run a stack on a developer's machine, and what must be done where its files change. */
export interface Development {
  /** Name of the Compose project: the deployed name and `_development`. */
  readonly name: string;
  readonly files: readonly OutputFile[];
  readonly rules: readonly ChangeRule[];
  /** Where each app answers, by its id. */
  readonly addresses: ReadonlyMap<string, string>;
  /** Keys of the services that read secrets when they start: all that go on but the databases, which keep a password for good. */
  readonly readers: readonly string[];
  /** Whether the stack has a `Compose.of(…).patch(…)`, which is not heard here: what it speaks of need not be there. */
  readonly isPatched: boolean;
}

/**
 * The bare-metal output in the form in which a developer wants it: one process an app, which takes over its source when it changes, on a
 * port of 127.0.0.1; databases, workers, jobs and schedules beside it; no edge.
 *
 * @param options with the sources and texts of the stack
 */
export function developmentOf(stack: Stack, options: DevelopmentOptions): Development {
  const context = developmentContext(stack, options);
  return {
    name: context.name,
    files: files(context, options),
    rules: changeRules(context),
    addresses: new Map(
      [...developmentPorts(stack, options)].map(([app, port]) => [app.node.id, `http://127.0.0.1:${port}/`]),
    ),
    readers: [...stack.apps, ...workersOf(stack), ...schedulesOf(stack)].map(({ node }) => node.id),
    isPatched: stack.node.findAll().some((construct) => patchesOf(construct, 'bare-metal').length > 0),
  };
}

function files(context: Context, options: DevelopmentOptions): OutputFile[] {
  return [
    { path: 'compose.yaml', content: developmentYaml(context, options) },
    { path: 'runtime/start.py', content: START_SCRIPT },
    ...(schedulesOf(context.stack).length === 0 ? [] : [{ path: 'runtime/schedule.py', content: SCHEDULE_SCRIPT }]),
    ...configFileOutputs(context),
    ...imageFiles(context),
    { path: 'README.md', content: developmentReadme(context, options) },
  ];
}
