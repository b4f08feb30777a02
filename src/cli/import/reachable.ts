import type { DraftApp } from './draft.js';
import type { Notebook } from './notebook.js';

/** Copies of one app behind a balancer are processes of one app. */
export function together(apps: readonly DraftApp[], book: Notebook): DraftApp[] {
  const kept: DraftApp[] = [];
  for (const app of apps) {
    const index = kept.findIndex((one) => sameApp(one) === sameApp(app));
    const first = kept[index];
    if (!first) kept.push(app);
    else {
      kept[index] = {
        ...first,
        processes: (first.processes ?? 1) + (app.processes ?? 1),
        hosts: [...new Set([...first.hosts, ...app.hosts])],
      };
      book.note(`${app.service} is the same as ${first.service}: its processes are added to those of ${first.id}`);
    }
  }
  return kept;
}

function sameApp({ source, image, module, environment, secrets, connections, hosts, pathPrefix }: DraftApp): string {
  return JSON.stringify([
    source,
    image,
    module,
    environment.map(({ name, value }) => [name, value]),
    secrets,
    connections,
    hosts,
    pathPrefix,
  ]);
}

/** Two apps cannot answer every host: all but the first get one that stands for theirs. */
export function answered(apps: readonly DraftApp[], book: Notebook): DraftApp[] {
  const routes = new Set<string>();
  return apps.map((app) => {
    const own = (app.hosts.length > 0 ? app.hosts : ['']).map((host) => `${host} ${app.pathPrefix ?? '/'}`);
    const isFree = own.every((route) => !routes.has(route));
    const hosts = isFree ? app.hosts : [`${app.id}.example.com`];
    for (const host of hosts.length > 0 ? hosts : ['']) routes.add(`${host} ${app.pathPrefix ?? '/'}`);
    if (!isFree)
      book.note(
        `${app.id} has the host ${hosts[0]} in the stack, which only stands for one: another app answers every other host`,
      );
    return isFree ? app : { ...app, hosts, hostsFrom: 'a stand-in' };
  });
}
