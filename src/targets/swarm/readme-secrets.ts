import { code, type MarkdownSection } from '../../formats/markdown.js';
import type { Stack } from '../../model/stack.js';
import { tlsSecrets } from '../../model/tls.js';
import type { Context } from '../context.js';
import { ACME, EDGE_VOLUME } from '../acme.js';
import { dockerAcme, dockerCertificate } from '../edge.js';
import { acmeFailures, acmeNotes } from '../readme-acme.js';
import { secretValue } from '../readme.js';
import { passwordNote } from '../readme-databases.js';
import { hstsNote, servedCertificate } from '../readme-tls.js';
import { usedSecrets } from './parts.js';

/** How the values of secrets get into the Swarm. */
export function secrets(context: Context): MarkdownSection[] {
  const all = usedSecrets(context.stack);
  const own = all.filter(({ external }) => external === undefined);
  const external = all.filter((secret) => secret.external !== undefined);
  if (all.length === 0) return [];
  // The two of a certificate belong together; a section of its own says how they are renewed.
  const changed = own.find((secret) => !tlsSecrets(context.stack).includes(secret));
  const create = own.map(
    (secret) =>
      `${secretValue(secret, context)} | docker secret create --label asgi-synth.stack=${context.name} ${context.name}_${secret.node.id}_1 -`,
  );
  return [
    [
      'Secrets',
      ...(own.length > 0 ? ['A secret of a Swarm cannot be changed. Create revision 1 once:', { shell: create }] : []),
      ...(changed
        ? [
            `For a new value create revision 2, then deploy with the revision in the environment (${code(`${changed.variable}_REVISION=2`)}); what uses it rolls over to it. Remove the old one afterwards.${passwordNote(context.stack)}`,
          ]
        : []),
      ...(external.length > 0
        ? [`These must exist already: ${external.map((secret) => code(secret.external!)).join(', ')}.`]
        : []),
    ],
  ];
}

const container = (name: string, service: string) =>
  `$(docker ps --quiet --filter label=com.docker.swarm.service.name=${name}_${service})`;

const acmeSays = (name: string) => `docker service logs --tail 20 ${name}_${ACME}`;

const askAgain = (name: string) => `docker kill --signal HUP ${container(name, ACME)}`;

/** A row for what goes wrong before there is a certificate. */
export function certificateFailures({ name, stack }: Context): string[][] {
  return dockerAcme(stack) ? acmeFailures(acmeSays(name), askAgain(name)) : [];
}

function ownCertificate(context: Context): MarkdownSection[] {
  const { name, stack } = context;
  const acme = dockerAcme(stack);
  if (acme === undefined) return [];
  const { token } = acme;
  return [
    [
      'Certificate',
      ...acmeNotes(acme, context),
      `Certificate and key go from there to every other nginx over the network of the stack, which is not encrypted, as a PKCS #12 file that the secret ${code(token.node.id)} opens: whoever has both reads the key. ${token.external === undefined ? `Make it with ${code('openssl rand -hex 32')}. ` : ''}nginx keeps that file, still closed, in the volume ${code(`${name}_${EDGE_VOLUME}`)} of its node, so that it serves after a restart whatever has become of ${code(ACME)}, and the key itself in memory. The image of nginx must have ${code('openssl')}, as the official one on Debian has.`,
      'What it is doing, and why there is none; then, once the cause is gone, on the node on which it runs, let it ask again at once.',
      { shell: [acmeSays(name), askAgain(name)] },
      'What clients of a node are shown, on that node:',
      { shell: [shownCertificate(stack)] },
      `The account and the certificates with their keys are in the volume ${code(`${name}_${ACME}`)} of one node. Without it they are made anew, of which authorities allow only a few a week.`,
      ...hstsNote(stack),
    ],
  ];
}

/** How the certificate is renewed, and how to see when it ends. */
export function certificate(context: Context): MarkdownSection[] {
  const { name, stack } = context;
  if (dockerAcme(stack)) return ownCertificate(context);
  if (dockerCertificate(stack) === undefined) return [];
  const pair = tlsSecrets(stack);
  const revisions = pair
    .filter(({ external }) => external === undefined)
    .map(({ variable }) => `${variable}_REVISION=2`);
  const renew =
    revisions.length === pair.length
      ? `To renew it, create the next revision of both secrets and deploy with both in the environment (${code(revisions.join(' '))}).`
      : 'To renew it, create new secrets, name them in the stack, synthesize and deploy.';
  return [
    [
      'Certificate',
      `${renew} nginx is then replaced on one node after the other, as for any change of its own; \`synth deploy\` does the same.`,
      'When it ends, on any node:',
      { shell: [shownCertificate(stack)] },
      'Where nginx cannot read the new one, the first node shows it, and the Swarm goes back:',
      { shell: [`docker service ps --no-trunc ${name}_nginx`] },
      ...hstsNote(stack),
    ],
  ];
}

/** Shows the certificate of the node on which it runs. */
export function shownCertificate(stack: Stack): string {
  return servedCertificate(stack, '127.0.0.1', stack.httpsPort.port);
}
