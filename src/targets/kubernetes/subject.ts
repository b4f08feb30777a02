import type { Place } from '../../formats/places/place.js';
import type { Stack } from '../../model/stack.js';
import { configFilesOf, runningOf, volumesOf } from '../../model/tree.js';
import { commonSubject, withFiles, type Subject } from '../subject.js';
import { kindOf } from '../support.js';
import { hasNginx } from './cluster.js';

/** The subject of a place in a manifest, or in a file beside them. */
export function kubernetesSubject(file: string, place: Place, stack: Stack): Subject {
  const common = commonSubject(file, place, stack);
  if (common) return common;
  const id = file.replace(/\.yaml$/, '');
  const [, data, inner = '', ...rest] = place.path;
  // A file inside a ConfigMap is explained as it is where it stands alone.
  if (data === 'data' && INNER.includes(inner) && rest.length > 0)
    return commonSubject(
      inner === 'nginx.conf' ? `${id}/${inner}` : `runtime/${inner}`,
      { ...place, path: rest },
      stack,
    )!;
  const construct = [...runningOf(stack), ...volumesOf(stack), ...configFilesOf(stack)].find(
    (one) => one.node.id === id,
  );
  const path = shortened(place.path);
  const files = withFiles(id, stack);
  if (files) return { construct: files, path: ['Static', ...path], isBeside: true };
  if (construct) return { construct, path: [kindOf(construct) ?? id, ...path] };
  return { construct: stack, path: [id === 'nginx' && hasNginx(stack) ? 'Edge' : 'Stack', ...path] };
}

const INNER: readonly string[] = ['nginx.conf', 'start.py', 'health.py', 'schedule.py'];

/** Pods are alike, whatever makes them. */
function shortened(path: readonly string[]): readonly string[] {
  const at = path.indexOf('template');
  if (at < 0) return path;
  const [kind = ''] = path;
  const pod = path.slice(at + 1);
  return pod[0] === 'spec' && pod[1] === 'containers' && pod[2] === '[]'
    ? [kind, 'container', ...pod.slice(3)]
    : [kind, 'pod', ...pod];
}
