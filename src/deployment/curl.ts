import { edgeWords } from './edge-url.js';
import type { Ran } from './exec.js';
import type { Plan } from './plan.js';
import type { AskRequest, Answer } from './probe.js';

/** Seconds for one request from inside. */
const PATIENCE = 30;

/** The words that ask the edge in its own container, where curl is part of the image. */
export function curlCommand(
  { host, path, method = 'GET', headers = {}, body }: AskRequest,
  plan: Pick<Plan, 'edge'> = {},
): string[] {
  const lines = Object.entries({ Host: host, ...headers }).map(([name, value]) => `${name}: ${value}`);
  return [
    ...['curl', '--silent', '--show-error', '--include', '--path-as-is', '--globoff', '--max-time', String(PATIENCE)],
    // A HEAD that was only named would wait for a body.
    ...(method === 'HEAD' ? ['--head'] : ['--request', method]),
    ...lines.flatMap((line) => ['--header', line]),
    // On standard input, since words are seen by whoever lists processes.
    ...(body === undefined ? [] : ['--data-binary', '@-']),
    ...edgeWords(plan, path),
  ];
}

/** The words that show which certificates the edge presents, its own first. */
export function certificateCommand(plan: Pick<Plan, 'edge'>): string[] {
  const quiet = ['--silent', '--output', '/dev/null', '--max-time', String(PATIENCE), '--write-out', '%{certs}'];
  return ['curl', ...quiet, ...edgeWords(plan, '/')];
}

/** The first certificate in what that has printed. */
export function certificateIn({ stdout }: Pick<Ran, 'stdout'>): string | undefined {
  return /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(stdout)?.[0];
}

/** Exit codes of curl for a server that closed the connection: an empty answer, and a failure to send or to receive. */
const CLOSED = [52, 55, 56];

/** What curl was answered. Throws where it could not ask. */
export function curlAnswer({ stdout, stderr, exitCode }: Ran): Answer {
  const answer = parseAnswer(stdout);
  if (answer) return answer;
  if (CLOSED.includes(exitCode)) return { status: 0, headers: {}, body: '' };
  throw new Error(`the edge could not be asked: ${stderr.trim() || `exit code ${exitCode}`}`);
}

function parseAnswer(text: string): Answer | undefined {
  const end = text.search(/\r?\n\r?\n/);
  const head = (end < 0 ? text : text.slice(0, end)).split(/\r?\n/);
  const status = Number(/^HTTP\/[\d.]+ (\d{3})/.exec(head[0] ?? '')?.[1]);
  if (!Number.isInteger(status)) return undefined;
  const body = end < 0 ? '' : text.slice(end).replace(/^\r?\n\r?\n/, '');
  // An interim answer comes before the one that counts.
  if (status < 200) return parseAnswer(body);
  return { status, headers: headersOf(head.slice(1)), body };
}

function headersOf(lines: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const at = line.indexOf(':');
    const name = line.slice(0, at).trim().toLowerCase();
    const value = line.slice(at + 1).trim();
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
  }
  return headers;
}
