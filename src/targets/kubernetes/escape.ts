import type { AsgiApp } from '../../model/app.js';
import { Job } from '../../model/job.js';
import type { PatchOperation } from '../../model/patches.js';
import { Schedule } from '../../model/schedule.js';
import type { Stack } from '../../model/stack.js';
import type { Task } from '../../model/task.js';
import type { Volume } from '../../model/volume.js';
import { rememberPatch } from '../patching.js';
import { rememberObject } from './added.js';

function runningKind(construct: AsgiApp | Stack | Task | Volume): string {
  if (construct instanceof Job) return 'Job';
  return construct instanceof Schedule ? 'CronJob' : 'Deployment';
}

/** The last resort on Kubernetes: changes to what the target emits for a construct, and objects beside it. */
export class Kubernetes {
  private readonly construct: AsgiApp | Stack | Task | Volume;
  private readonly kind: string;

  private constructor(construct: AsgiApp | Stack | Task | Volume, kind: string) {
    this.construct = construct;
    this.kind = kind;
  }

  /**
   * Of an app or what runs beside it: an object in its file. Of a volume: its PersistentVolumeClaim. Of a stack: its Namespace, its Kustomization, and the
   * objects of its nginx.
   *
   * @param kind which of the objects, the first of them where there are several; what runs it, if nothing is said.
   */
  static of(construct: AsgiApp | Stack | Task | Volume, kind = runningKind(construct)): Kubernetes {
    return new Kubernetes(construct, kind);
  }

  /**
   * Applies JSON Patch operations (RFC 6902) to the emitted object. The result is checked like any other output.
   *
   * @example Kubernetes.of(api).patch({ op: 'add', path: '/spec/template/spec/runtimeClassName', value: 'gvisor' })
   */
  patch(...operations: readonly PatchOperation[]): this {
    rememberPatch(this.construct, 'kubernetes', this.kind, operations);
    return this;
  }

  /**
   * Puts an object of your own beside those of the construct: into its file, or `stack.yaml`. It gets the stack's namespace unless
   * it names one.
   *
   * @example Kubernetes.of(stack).add({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'shop' }, spec: { hard: { pods: '20' } } })
   */
  add(object: object): this {
    rememberObject(this.construct, object);
    return this;
  }
}
