import { bare, quoted } from './words.js';

/** Who is asked for names: the address of a name server, or a file that says it. */
export type NginxResolver = { readonly address: string } | { readonly file: string };

/** Lines as comments. */
export function comment(lines: readonly string[]): string {
  // A line break would end the comment and start a directive.
  return lines.map((line) => `# ${line.replace(/[^\x20-\x7e]/g, '?')}`.trimEnd() + '\n').join('');
}

/** The directive that says who is asked for names. */
export function resolver(place: NginxResolver): string {
  // Docker answers with a TTL of 600 s, so without valid= nginx would ask for ten minutes at addresses that are gone.
  return 'file' in place ? `include ${quoted(place.file)};` : `resolver ${bare(place.address)} valid=1s ipv6=off;`;
}
