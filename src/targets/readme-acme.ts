import { code } from '../formats/markdown.js';
import { acmeHealthCommand } from '../formats/python.js';
import { namesOf, type AcmeSource } from '../model/acme.js';
import { ACME, ACME_PORT, ACME_SCRIPT_PATH } from './acme.js';
import { shellWord, type Context } from './context.js';

/** What an operator must know of a certificate that the stack gets itself, wherever it runs. */
export function acmeNotes({ directory }: AcmeSource, { stack }: Pick<Context, 'stack'>): string[] {
  return [
    `The service ${code(ACME)} gets it for ${namesOf(stack).map(code).join(', ')} from ${code(directory)}, whose terms of service you agree to by that, and renews it by itself; nginx takes it over by a reload, which cuts nobody off. Until there is a first one, connections over TLS are refused${stack.tls?.redirect ? ', where those over HTTP are sent all the same' : ''}.`,
    `The authority asks each of these hosts on port 80 below ${code('/.well-known/acme-challenge/')}; whichever nginx is asked passes that on. So each must lead here before.`,
  ];
}

/** Words that say what the service is doing, inside its container. */
export const ACME_STATE = acmeHealthCommand({ script: ACME_SCRIPT_PATH, port: ACME_PORT }).map(shellWord).join(' ');

/** A row for what goes wrong before there is a certificate. `state` shows what the service says. */
export function acmeFailures(state: string, again: string): string[][] {
  return [
    [
      'connections over TLS are refused, `unrecognized name`',
      'there is no certificate yet: a host does not lead here, port 80 is closed, or the authority refuses or cannot be reached',
      `${code(state)} says which; ${code(again)} asks again at once, though authorities count failures`,
    ],
  ];
}
