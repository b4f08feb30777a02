import { dockerfilePlaces } from './dockerfile.js';
import { nginxPlaces } from './nginx.js';
import type { Place } from './place.js';
import { pythonPlaces } from './python.js';
import { markdownPlaces, textPlaces } from './text.js';
import { yamlPlaces } from './yaml.js';

/** What stands on each line of an output file that is not empty, by the name of the file. */
export function placesIn(name: string, text: string): Place[] {
  const file = name.split('/').at(-1) ?? '';
  if (name.startsWith('files/')) return textPlaces(text);
  if (file.endsWith('.yaml')) return yamlPlaces(text, placesIn);
  if (file === 'nginx.conf') return nginxPlaces(text);
  if (file === 'Dockerfile') return dockerfilePlaces(text);
  if (file === 'gunicorn.conf.py') return pythonPlaces(text);
  if (file.endsWith('.md')) return markdownPlaces(text);
  return textPlaces(text);
}
