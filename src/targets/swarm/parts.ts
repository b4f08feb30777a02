import {
  withoutTemplates,
  type ComposeDeploy,
  type ComposeFileReference,
  type ComposeMount,
} from '../../formats/compose.js';
import type { Secret } from '../../model/secret.js';
import type { AsgiApp } from '../../model/app.js';
import type { Task } from '../../model/task.js';
import type { Stack } from '../../model/stack.js';
import { appSecretsOf, mountsOf, secretsOf } from '../../model/tree.js';
import type { Volume } from '../../model/volume.js';
import { volumeMounts } from '../containers.js';
import type { Context } from '../context.js';
import { takesHttps } from '../edge.js';
import { variablesOf } from '../observability.js';

/** What an app and what runs beside it have in common in `stack.yaml`. */
type Runnable = Pick<AsgiApp, 'secrets' | 'volumes' | 'nodeSelector'>;

export function environment(one: AsgiApp | Task, context: Context): Record<string, string> {
  const variables = Object.entries(variablesOf(one, context));
  return Object.fromEntries(variables.map(([name, value]) => [name, withoutTemplates(value)]));
}

/** The secrets that something in the Swarm reads. */
export function usedSecrets(stack: Stack): Secret[] {
  return takesHttps(stack) ? secretsOf(stack) : appSecretsOf(stack);
}

/** Files that one user alone can read. */
export function secretFiles(secrets: readonly Secret[], user = 10001): ComposeFileReference[] {
  return secrets.map(({ node }) => ({
    source: node.id,
    target: node.id,
    uid: String(user),
    gid: String(user),
    mode: 0o400,
  }));
}

export function mounts(app: Pick<Runnable, 'volumes'>, temporaryBytes: number): ComposeMount[] {
  return [{ type: 'tmpfs', target: '/tmp', tmpfs: { size: temporaryBytes } }, ...volumeMounts(app)];
}

/** The nodes that something may run on: those that it asks for, and have its volumes. */
export function placement(
  app: Pick<Runnable, 'volumes' | 'nodeSelector'>,
  context: Context,
): NonNullable<ComposeDeploy['placement']> {
  return { constraints: [...volumeConstraints(app, context), ...selectorConstraints(app)] };
}

/** The labels of nodes that something asks for, as far as a constraint can say them. */
export function selectorConstraints({ nodeSelector }: Pick<Runnable, 'nodeSelector'>): string[] {
  return Object.entries(nodeSelector)
    .filter(([key, value]) => !key.includes('/') && value !== '')
    .map(([key, value]) => `node.labels.${key} == ${value}`);
}

/** The nodes on which the volumes are that are not shared. */
function volumeConstraints(app: Pick<Runnable, 'volumes'>, context: Context): string[] {
  return mountsOf(app)
    .filter(({ volume }) => !volume.shared)
    .map(({ volume }) => volumeConstraint(volume, context));
}

/** The node on which a volume is that is not shared. */
export function volumeConstraint({ node }: { readonly node: Pick<Volume['node'], 'id'> }, { name }: Context): string {
  return `node.labels.${name}.${node.id} == true`;
}
