import type { Position } from '../../errors.js';
import { itemsOf, nodeAt, textAt, type ComposeNode } from '../../sources/compose/node.js';
import type { RoledService } from './draft.js';
import type { Notebook } from './notebook.js';

interface Published {
  readonly address: string | undefined;
  readonly port: number;
  readonly target: number;
  readonly at: Position;
}

/** Port under which clients reach the stack: that of the edge, else that of the first app; undefined for 80. */
export function publishedPort(services: readonly RoledService[], book: Notebook): number | string | undefined {
  const edges = services.filter(({ role }) => role === 'edge').flatMap(published);
  const http =
    edges.find(({ target }) => target === 80) ?? edges.find(({ target }) => target !== 443 && target !== 8080);
  const apps = services.filter(({ role }) => role === 'app').flatMap(published);
  const [first, ...others] = apps;
  for (const one of edges.length > 0 ? apps : others)
    book.drop(one.at, `services.${one.id}.ports`, 'every app is reached through the edge');
  for (const { at, id } of edges.filter(({ target }) => target === 443))
    book.lose(at, `services.${id}.ports`, 'HTTPS is set once for the stack: tls of new Stack');
  for (const one of services.filter(({ role }) => role === 'app')) listUnread(one, book);
  const found = edges.length > 0 ? http : first;
  for (const { service, role } of services)
    if (role === 'worker' || role === 'job')
      for (const { at } of portsOf(service.node))
        book.lose(at, `services.${service.id}.ports`, 'a Worker takes no requests; if it does, make it an AsgiApp');
  if (!found || (found.port === 80 && found.address === undefined)) return undefined;
  return found.address === undefined ? found.port : `${found.address}:${found.port}`;
}

/** Ranges and other protocols than TCP. */
function listUnread({ service }: RoledService, book: Notebook): void {
  for (const item of itemsOf(nodeAt(service.node, 'ports'))) {
    if (portIn(item).length > 0) continue;
    const path = `services.${service.id}.ports`;
    if (item.kind === 'scalar' && /^\d+$/.test(item.text))
      book.drop(item.at, path, 'every app is reached through the edge');
    else book.lose(item.at, path, 'an app takes requests on one port of TCP; this is none');
  }
}

function published({ service }: RoledService): (Published & { readonly id: string })[] {
  return portsOf(service.node).map((one) => ({ ...one, id: service.id }));
}

function portsOf(node: ComposeNode): Published[] {
  return itemsOf(nodeAt(node, 'ports')).flatMap((item) => portIn(item));
}

function portIn(item: ComposeNode): Published[] {
  const text =
    item.kind === 'scalar'
      ? item.text
      : [textAt(item, 'host_ip'), textAt(item, 'published'), textAt(item, 'target')]
          .filter((one) => one !== undefined)
          .join(':');
  const [, address, published, target] = /^(?:(\d+\.\d+\.\d+\.\d+):)?(?:(\d+):)?(\d+)(?:\/tcp)?$/.exec(text) ?? [];
  const port = Number(published ?? target);
  if (target === undefined || published === undefined || port < 1 || port > 65535) return [];
  return [{ address: address === '0.0.0.0' ? undefined : address, port, target: Number(target), at: item.at }];
}
