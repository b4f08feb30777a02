import type { AsgiApp } from '../../../model/app.js';
import type { Stack } from '../../../model/stack.js';
import { deployedName } from '../../../model/tree.js';
import { contextOf, isBuilt, shellWord, sourceOf, type Context } from '../../context.js';
import type { SynthesizeOptions } from '../../target.js';

/** What development wants to know beside a synthesis. */
export interface DevelopmentOptions extends SynthesizeOptions {
  /**
   * Port on 127.0.0.1 of the first app, 1 to 65535; the others come after it.
   * @default - each app has its own port, or the next one that no app before it has
   */
  readonly port?: number;
}

/** Name of the folder of its output, beside those of the targets. */
export const DEVELOPMENT = 'development';

/**
 * One image a developer and app, whatever is in it. A deployed name has no underscore: no stage is ever called as this is, and both can
 * run on one machine.
 */
export function developmentContext(stack: Stack, options: DevelopmentOptions): Context {
  const deployed = deployedName(stack, options.stage);
  const out = options.out ?? `out/${deployed}/${DEVELOPMENT}`;
  // What a developer sends to a collector is told from what users do.
  const stage = options.stage ?? DEVELOPMENT;
  const context = contextOf(stack, DEVELOPMENT, 'uvicorn', { ...options, stage, out, tag: DEVELOPMENT });
  return { ...context, name: `${deployed}_${DEVELOPMENT}`, header: header(options) };
}

function header({ stackFile, stage }: DevelopmentOptions): string[] {
  const words = [
    ...['npx', 'synth', 'watch'],
    ...(stackFile === undefined ? [] : ['--stack', stackFile]),
    ...(stage === undefined ? [] : ['--stage', stage]),
  ];
  return [
    `Made by asgi-synth from ${stackFile ?? 'a stack'}, for development alone. Do not edit: change the stack, and this makes it anew:`,
    `  ${words.map(shellWord).join(' ')}`,
  ];
}

/** Where the source of an app can be mounted over what its image holds: an image of somebody else has it who knows where. */
export function isMounted(app: AsgiApp, context: Context): boolean {
  return isBuilt(app, context) && sourceOf(app, context).dockerfile === undefined;
}

/** Whether an app takes over a change of its source by itself. Behind a command of the user's own it has to be started again. */
export function isReloading(app: AsgiApp, context: Context): boolean {
  return isMounted(app, context) && app.command === undefined;
}

/** The port of each app on 127.0.0.1. */
export function developmentPorts(stack: Stack, { port }: Pick<DevelopmentOptions, 'port'>): Map<AsgiApp, number> {
  const ports = new Map<AsgiApp, number>();
  const taken = () => [...ports.values()];
  stack.apps.forEach((app, index) => {
    let own = port === undefined ? app.port : port + index;
    while (taken().includes(own)) own += 1;
    ports.set(app, own);
  });
  return ports;
}
