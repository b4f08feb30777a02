import type { Plan } from '../plan.js';
import type { Description } from '../probe.js';
import { checked, skipped, type Checked } from './check.js';

/** The user that every container of ours runs as. */
const USER = /^10001(:10001)?$/;

/** Whether containers hold no more than they need, as the engine describes them. */
export function privilegeChecks(plan: Plan, described: readonly Description[]): Checked[] {
  const names = [...plan.apps.map(({ id }) => id), ...(plan.edge ? ['nginx'] : [])];
  return names.flatMap((name) => {
    const own = described.filter(({ app }) => app === name);
    if (own.length === 0) return [skipped('privileges', name, 'the engine describes no container of it')];
    return [least(name, own), hidden(name, plan, own)];
  });
}

function least(name: string, own: readonly Description[]): Checked {
  const wrong = own.flatMap((one) => excess(one).map((what) => `${one.of}: ${what}`));
  const evidence = wrong.length > 0 ? wrong.join(', ') : 'uid 10001, read-only root, no capabilities, limits';
  return checked('privileges', name, wrong.length === 0, evidence);
}

/** What a container has that it should not have, and lacks that it should have. */
export function excess(one: Description): string[] {
  return [
    ...(USER.test(one.user) ? [] : [`runs as ${one.user === '' ? 'the user of its image' : one.user}`]),
    ...(one.readOnlyRoot ? [] : ['its root can be written']),
    ...(one.droppedCapabilities.some((name) => /^(CAP_)?ALL$/i.test(name)) ? [] : ['keeps capabilities']),
    ...(one.addedCapabilities.length === 0 ? [] : [`has ${one.addedCapabilities.join(', ')}`]),
    ...(one.newPrivileges === true ? ['may gain privileges'] : []),
    ...(one.memory > 0 ? [] : ['has no memory limit']),
    ...(one.pids === 0 ? ['has no limit of processes'] : []),
  ];
}

/** A variable of a secret's name in a description would hold its value. */
function hidden(name: string, { apps, secrets }: Plan, own: readonly Description[]): Checked {
  const ids = apps.find(({ id }) => id === name)?.secrets ?? [];
  const variables = secrets.filter(({ id }) => ids.includes(id)).map(({ variable }) => variable);
  const shown = [...new Set(own.flatMap((one) => one.variables.filter((variable) => variables.includes(variable))))];
  const evidence =
    shown.length > 0 ? `${shown.join(', ')} can be read by inspect` : `${ids.length} secrets, none a variable`;
  return checked('secrets', name, shown.length === 0, evidence);
}
