import type { IConstruct } from 'constructs';
import type { PatchOperation } from '../../model/patches.js';
import { rememberFilePatch } from '../patching.js';

/** The last resort on Swarm: changes to what the target emits for a construct. */
export class Swarm {
  private readonly construct: IConstruct;

  private constructor(construct: IConstruct) {
    this.construct = construct;
  }

  /** Of an app or a worker: its service in `stack.yaml`. Of a stack: the whole file. */
  static of(construct: IConstruct): Swarm {
    return new Swarm(construct);
  }

  /**
   * Applies JSON Patch operations (RFC 6902) to the emitted object. The result is checked like any other output.
   *
   * @example Swarm.of(api).patch({ op: 'add', path: '/deploy/placement/preferences', value: [{ spread: 'node.labels.zone' }] })
   */
  patch(...operations: readonly PatchOperation[]): this {
    rememberFilePatch(this.construct, 'swarm', operations);
    return this;
  }
}
