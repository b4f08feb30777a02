import {
  AsgiApp,
  Stack,
  synthesize,
  type AsgiAppProps,
  type StackProps,
  type SynthesizeOptions,
  type TargetName,
} from 'asgi-synth';
import { parse } from 'yaml';
import type { ComposeFile, ComposeService } from '../../../src/formats/compose.js';

/** A stack with one app from a ready image, unless the props say otherwise. */
export function stackOf(app: Partial<AsgiAppProps> = {}, stack: StackProps = {}): Stack {
  const result = new Stack('shop', stack);
  addApp(result, 'api', app);
  return result;
}

export function addApp(stack: Stack, id: string, props: Partial<AsgiAppProps> = {}): AsgiApp {
  return new AsgiApp(stack, id, {
    ...(props.source === undefined ? { image: 'acme/api:1' } : {}),
    module: 'main:app',
    ...props,
  });
}

/** Content of each file of an output, by path. */
export function outputOf(stack: Stack, target: TargetName, options: SynthesizeOptions = {}): Record<string, string> {
  return Object.fromEntries(synthesize(stack, target, options).map(({ path, content }) => [path, content]));
}

/** `compose.yaml` or `stack.yaml`, as data. */
export function composeOf(stack: Stack, target: 'bare-metal' | 'swarm', options: SynthesizeOptions = {}): ComposeFile {
  const text = outputOf(stack, target, options)[target === 'swarm' ? 'stack.yaml' : 'compose.yaml'];
  return parse(text ?? '') as ComposeFile;
}

export function serviceOf(
  stack: Stack,
  target: 'bare-metal' | 'swarm',
  name = 'api',
  options: SynthesizeOptions = {},
): ComposeService {
  const { services } = composeOf(stack, target, options);
  const service = services[name];
  if (!service) throw new Error(`no service ${name}; there are ${Object.keys(services).join(', ')}`);
  return service;
}

export function nginxOf(stack: Stack, target: 'bare-metal' | 'swarm'): string {
  return outputOf(stack, target)['nginx/nginx.conf'] ?? '';
}

/** The word behind an option of a command. */
export function option(command: readonly string[] | undefined, name: string): string | undefined {
  const at = command?.indexOf(name) ?? -1;
  return at < 0 ? undefined : command?.[at + 1];
}

/** Seconds of `41s`. */
export function seconds(duration: string | undefined): number {
  return Number(/^(\d+)s$/.exec(duration ?? '')?.[1]);
}

/** Every number behind a directive of an nginx.conf. */
export function nginxNumbers(conf: string, directive: string): number[] {
  return [...conf.matchAll(new RegExp(`\\b${directive} (\\d+)s?;`, 'g'))].map(([, number]) => Number(number));
}
