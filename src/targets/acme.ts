import type { ComposeFileReference, ComposeHealthcheck, ComposeMount } from '../formats/compose.js';
import { takenCertificate, type TakenCertificate } from '../formats/nginx/taken.js';
import { ACME_SCRIPT, acmeCommand, acmeHealthCommand } from '../formats/python.js';
import { namesOf, type AcmeSource } from '../model/acme.js';
import type { Stack } from '../model/stack.js';
import { configKey, fileText } from './config-files.js';
import { EDGE_COMMAND, MOUNTS } from './containers.js';
import type { Context } from './context.js';
import { dockerAcme, EDGE_PORT, type AcmeEdge } from './edge.js';
import type { Footprint } from './footprint.js';
import type { OutputFile } from './target.js';

/** Name of the service that gets a certificate, and of the volume in which it keeps that. */
export const ACME = 'acme';

/** Name of the volume in which an edge on Swarm keeps the last certificate of its node. No volume of a stack is named so. */
export const EDGE_VOLUME = 'nginx';

/** Port inside its container on which the service answers. */
export const ACME_PORT = 8080;

/** Every image has this folder, and lets everybody write there; a volume that is new there takes that over. */
export const ACME_MOUNT = '/var/tmp';

const STATE = `${ACME_MOUNT}/asgi-synth-acme`;
/** Path of its program inside the container. */
export const ACME_SCRIPT_PATH = `${MOUNTS}/acme.py`;

const ROOT = `${MOUNTS}/acme-root.pem`;

/** Folder inside nginx's container with the certificate that it serves with. A tmpfs, so that the key is on no disk. */
const EDGE_TLS = '/tmp/asgi-synth-tls';

/** Bytes that the service may take: certbot needs 80 MiB while it asks. */
export const ACME_MEMORY = 256 * 2 ** 20;

/** Processes and threads of it. */
export const ACME_PIDS = 64;

/** What the nginx of a stack is told of the service; undefined where it has none. */
export function acmeEdge(acme: AcmeSource | undefined): AcmeEdge | undefined {
  return acme && { server: `${ACME}:${ACME_PORT}`, file: `${EDGE_TLS}/certificate.conf` };
}

/** Where the service tells what it is doing, for whoever can reach it over the network of the stack. */
export const ACME_STATUS = `http://${ACME}:${ACME_PORT}/status`;

/** File inside nginx's container that is there while it has a certificate. */
export const EDGE_PAIR = `${EDGE_TLS}/pair.pem`;

/** What the containers of the service have in common. `edge` is the name under which every nginx is found. */
export function acmeContainer(
  { email, directory, root, token }: AcmeSource,
  { stack }: Pick<Context, 'stack'>,
  { edge, gives }: { readonly edge: string; readonly gives: boolean },
) {
  const configs: ComposeFileReference[] = [
    { source: ACME, target: ACME_SCRIPT_PATH },
    ...(root === undefined ? [] : [{ source: configKey(root), target: ROOT }]),
  ];
  return {
    entrypoint: acmeCommand({
      script: ACME_SCRIPT_PATH,
      email,
      directory,
      state: STATE,
      scratch: '/tmp/asgi-synth-acme',
      port: ACME_PORT,
      edge: `${edge}:${EDGE_PORT}`,
      hosts: namesOf(stack),
      ...(gives ? { token: `/run/secrets/${token.node.id}` } : {}),
    }),
    // What certbot asks the authority with believes no other root then (requests.readthedocs.io).
    ...(root === undefined ? {} : { environment: { REQUESTS_CA_BUNDLE: ROOT } }),
    configs,
    healthcheck: HEALTHCHECK,
  };
}

/** Whether it answers; that there is no certificate yet is nothing that a new container would mend. */
const HEALTHCHECK: ComposeHealthcheck = {
  test: ['CMD', ...acmeHealthCommand({ script: ACME_SCRIPT_PATH, port: ACME_PORT })],
  interval: '5s',
  timeout: '5s',
  retries: 3,
  start_period: '30s',
};

/** Its folders in memory: the last two are volumes of the image, of which each container would leave one behind. */
export function acmeMounts(mode?: number): ComposeMount[] {
  const folder = (target: string, size: number): ComposeMount => ({
    ...{ type: 'tmpfs', target, tmpfs: { size: size * 2 ** 20, ...(mode === undefined ? {} : { mode }) } },
  });
  return [
    folder('/tmp', 64),
    folder('/etc/letsencrypt', 1),
    folder('/var/lib/letsencrypt', 1),
    { type: 'volume', source: ACME, target: ACME_MOUNT },
  ];
}

/** What the service takes; nothing where a stack has none. An update stops it first. */
export function acmeFootprint(stack: Stack): Footprint[] {
  if (dockerAcme(stack) === undefined) return [];
  return [{ id: ACME, processes: 1, containers: 1, memoryEach: ACME_MEMORY, surge: 0 }];
}

/** The texts that its containers mount: a change of them is one of it. */
export function acmeTexts({ root }: AcmeSource, context: Context): string[] {
  return [ACME_SCRIPT, ...(root === undefined ? [] : [fileText(root, context)])];
}

export function acmeFiles(): OutputFile[] {
  return [{ path: 'runtime/acme.py', content: ACME_SCRIPT }];
}

/** Lines with which nginx's container gets its certificate before and while it serves: from the volume of the service. */
export function takenFromVolume(): string {
  return taken({ file: `${STATE}/pair.pem` });
}

/** As `takenFromVolume`, from another node. */
export function takenOverNetwork({ token }: AcmeSource): string {
  const url = `http://${ACME}:${ACME_PORT}/certificate.p12`;
  return taken({ url, password: `/run/secrets/${token.node.id}`, kept: STATE });
}

function taken(from: TakenCertificate['from']): string {
  return takenCertificate({ command: EDGE_COMMAND, folder: EDGE_TLS, from });
}
