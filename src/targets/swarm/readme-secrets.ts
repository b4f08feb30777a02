import { code, type MarkdownSection } from '../../formats/markdown.js';
import type { Stack } from '../../model/stack.js';
import { tlsSecrets } from '../../model/tls.js';
import type { Context } from '../context.js';
import { dockerCertificate } from '../edge.js';
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

/** How the certificate is renewed, and how to see when it ends. */
export function certificate({ name, stack }: Context): MarkdownSection[] {
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
