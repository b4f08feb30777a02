import type { Place } from '../../formats/places/place.js';
import type { Stack } from '../../model/stack.js';
import { configFilesOf, runningOf, volumesOf } from '../../model/tree.js';
import { commonSubject, type Subject } from '../subject.js';
import { kindOf } from '../support.js';
import { hasNginx } from './cluster.js';

/** The subject of a place in a manifest, or in a file beside them. */
export function kubernetesSubject(file: string, place: Place, stack: Stack): Subject {
  const common = commonSubject(file, place, stack);
  if (common) return common;
  const [, data, inner = '', ...rest] = place.path;
  // A file inside a ConfigMap is explained as it is where it stands alone.
  if (data === 'data' && INNER.includes(inner) && rest.length > 0)
    return commonSubject(inner === 'nginx.conf' ? inner : `runtime/${inner}`, { ...place, path: rest }, stack)!;
  const id = file.replace(/\.yaml$/, '');
  const construct = [...runningOf(stack), ...volumesOf(stack), ...configFilesOf(stack)].find((one) => one.node.id === id);
  if (construct) return { construct, path: [kindOf(construct) ?? id, ...place.path] };
  return { construct: stack, path: [id === 'nginx' && hasNginx(stack) ? 'Edge' : 'Stack', ...place.path] };
}

const INNER: readonly string[] = ['nginx.conf', 'start.py', 'health.py', 'schedule.py'];
