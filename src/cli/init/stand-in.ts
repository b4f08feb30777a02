import type { Finding } from '../../sources/discovery/project.js';
import type { Variable } from '../../sources/discovery/settings.js';
import type { PlannedVariable } from './plan.js';

/** A value for a variable that an application does not start without: that of `.env.example`, else one of its type. */
export function standIn({ name, type, from }: Variable, example: Finding | undefined): PlannedVariable {
  if (example && example.value !== '')
    return { name, value: example.value, comment: `from ${example.from}`, isStandIn: false };
  return { name, value: ofType(name, type), comment: `a stand-in, required by ${from}`, isStandIn: true };
}

function ofType(name: string, type: string): string | number | boolean {
  const [, choice] = /\bLiteral\[\s*["']([^"']*)["']/.exec(type) ?? [];
  if (choice !== undefined) return choice;
  if (/\bbool\b/.test(type)) return false;
  if (/^(Annotated\[)?\s*\w*(list|set|tuple|List|Set|Sequence|frozenset)\b/.test(type)) return '[]';
  if (/^(Annotated\[)?\s*(dict|Dict|Mapping)\b/.test(type)) return '{}';
  if (/\b(int|float|Decimal|\w*Int|\w*Float)\b/.test(type)) return /PORT$/i.test(name) ? 8080 : 1;
  if (/\bEmailStr\b/.test(type) || /(^|_)E?MAIL(_FROM)?$/i.test(name)) return 'admin@example.com';
  if (/Url\b/.test(type) || /(^|_)(URL|URI|ENDPOINT)$/i.test(name)) return 'http://localhost';
  return /(^|_)(HOST|SERVER)$/i.test(name) ? 'localhost' : 'change-me';
}
