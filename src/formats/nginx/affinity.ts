import { bare } from './words.js';

/** A cookie by which a client comes back to the process that it was at. */
export interface NginxCookie {
  /** `/`, or a prefix without a slash at its end. */
  readonly path: string;
  /** Whether it is for HTTPS alone. */
  readonly secure: boolean;
}

/**
 * Line of an upstream that keeps the requests of a client together. Both know a process by its address, so that several nginx agree
 * with each other. An address that is gone gives way to another one.
 */
export function affinityLine(upstream: string, sticky: 'address' | NginxCookie | undefined): string {
  if (sticky === undefined) return '';
  if (sticky === 'address') return '        hash $remote_addr consistent;\n';
  const { path, secure } = sticky;
  return `        sticky cookie sticky-${bare(upstream)} path=${bare(path)} httponly samesite=lax${secure ? ' secure' : ''};\n`;
}
