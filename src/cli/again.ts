import { shellWord } from '../targets/context.js';
import type { EngineWords, OutputWords } from './options.js';

/** The words that a command line which goes on from this one repeats. */
export function wordsAgain({ target, stack, stage, out, context }: OutputWords & EngineWords): string {
  const given = { target, stack, stage, out, context };
  return Object.entries(given)
    .flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, shellWord(value)]))
    .join(' ');
}

/** The words that name images and the tag of those that are built. */
export function imagesAgain({ tag, image = {} }: Pick<OutputWords, 'tag' | 'image'>): string[] {
  return [
    ...(tag === undefined ? [] : [`--tag ${shellWord(tag)}`]),
    ...Object.entries(image).map(([name, reference]) => `--image ${shellWord(`${name}=${reference}`)}`),
  ];
}
