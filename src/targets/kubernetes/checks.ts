import { isIP } from 'node:net';
import type { IConstruct } from 'constructs';
import { UserError, type Complaint } from '../../errors.js';
import { patchesOf } from '../../model/patches.js';
import { positionOf } from '../../model/position.js';
import type { Stack } from '../../model/stack.js';
import { appSecretsOf, secretsOf } from '../../model/tree.js';
import { HOST_NAME, show } from '../../model/values.js';
import { usesOwnCertificate } from './certificate.js';
import { hasRoutes } from './cluster.js';
import { KUSTOMIZATION, type Manifest } from './manifests.js';
import type { KubernetesObject } from './objects.js';
import { SELECTED } from './workload.js';

/** Refuses names that other targets take and Kubernetes does not. */
export function checkNames(stack: Stack): void {
  refuse([
    ...selectedLabels(stack),
    ...secretNames(stack),
    ...certificateNames(stack),
    ...addressHosts(stack),
    ...addressRedirects(stack),
  ]);
}

function selectedLabels(stack: Stack): Complaint[] {
  const taken = Object.keys(stack.labels).filter((key) => SELECTED.includes(key));
  return taken.map((key) =>
    complaint(stack, `labels[${show(key)}] is what Services find their pods by; use another key`),
  );
}

function secretNames(stack: Stack): Complaint[] {
  return secretsOf(stack)
    .filter(({ external }) => external !== undefined && !HOST_NAME.test(external))
    .map((secret) =>
      complaint(
        secret,
        `external names a Secret, which Kubernetes wants in lower-case letters, digits, "-" and ".", got ${show(secret.external)}; give it such a name there`,
      ),
    );
}

/** The Secret of an own certificate has a name that one of the others could have as well. */
function certificateNames(stack: Stack): Complaint[] {
  if (!usesOwnCertificate(stack)) return [];
  return appSecretsOf(stack)
    .filter(({ node, external }) => node.id === 'tls' && external === undefined)
    .map((secret) =>
      complaint(secret, 'the Secret of the certificate of tls has the name of this one; use another id'),
    );
}

function addressHosts(stack: Stack): Complaint[] {
  if (!hasRoutes(stack)) return [];
  return stack.apps.flatMap((app) =>
    app.hosts
      .filter((host) => isIP(host) !== 0)
      .map((host) =>
        complaint(
          app,
          `hosts has the address ${host}, but routes of a cluster take names alone; use a name, or leave hosts out`,
        ),
      ),
  );
}

function addressRedirects(stack: Stack): Complaint[] {
  if (!hasRoutes(stack)) return [];
  return [...new Set(Object.entries(stack.redirects).flat())]
    .filter((host) => isIP(host) !== 0)
    .map((host) =>
      complaint(stack, `redirects has the address ${host}, but routes of a cluster take names alone; use a name`),
    );
}

/** Refuses what no API server would take, whether we, a patch or the user's own objects brought it in. */
export function checkManifests(stack: Stack, manifests: readonly Manifest[]): void {
  refuse([...wrongServiceNames(manifests), ...duplicates(manifests), ...unusedPatches(stack, manifests)]);
}

function wrongServiceNames(manifests: readonly Manifest[]): Complaint[] {
  return manifests.flatMap(({ construct, objects }) =>
    objects
      .filter(({ kind, metadata }) => kind === 'Service' && !/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/.test(metadata.name))
      .map(({ metadata }) =>
        complaint(
          construct,
          `its Service would be named ${show(metadata.name)}, but Kubernetes wants a letter first and at most 63 characters; change the stack's name, the stage or the id`,
        ),
      ),
  );
}

function duplicates(manifests: readonly Manifest[]): Complaint[] {
  const seen = new Set<string>();
  return manifests.flatMap(({ construct, objects }) =>
    objects.flatMap((object) => {
      const key = identity(object);
      const again = seen.has(key);
      seen.add(key);
      return again
        ? [
            complaint(
              construct,
              `there would be two objects ${object.kind} ${object.metadata.name}; give one another name`,
            ),
          ]
        : [];
    }),
  );
}

function identity({ apiVersion, kind, metadata }: KubernetesObject): string {
  const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : '';
  return [group, kind, metadata.namespace, metadata.name].join('/');
}

/** A patch that changes nothing would be dropped in silence. */
function unusedPatches(stack: Stack, manifests: readonly Manifest[]): Complaint[] {
  return stack.node.findAll().flatMap((construct) => {
    const patches = patchesOf(construct, 'kubernetes');
    if (patches.length === 0) return [];
    const kinds = kindsOf(construct, stack, manifests);
    return patches
      .filter(({ kind }) => !kinds.includes(kind))
      .map(({ kind }) =>
        complaint(
          construct,
          `a patch is for kind ${show(kind)}, which is not written for it; known are ${kinds.join(', ')}`,
        ),
      );
  });
}

function kindsOf(construct: IConstruct, stack: Stack, manifests: readonly Manifest[]): string[] {
  const own = manifests.filter((manifest) => manifest.construct === construct && manifest.path !== 'stack.yaml');
  const kinds = own.flatMap(({ objects }) => objects.map(({ kind }) => kind));
  return [...new Set([...kinds, ...(construct === stack ? [KUSTOMIZATION] : [])])].toSorted();
}

function complaint(construct: IConstruct, message: string): Complaint {
  return { position: positionOf(construct), path: construct.node.path, message };
}

function refuse(complaints: readonly Complaint[]): void {
  if (complaints.length > 0) throw new UserError(complaints);
}
