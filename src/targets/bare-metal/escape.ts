import type { IConstruct } from 'constructs';
import type { PatchOperation } from '../../model/patches.js';
import { rememberFilePatch } from '../patching.js';

/** The last resort on bare metal: changes to what the target emits for a construct. */
export class Compose {
  private readonly construct: IConstruct;

  private constructor(construct: IConstruct) {
    this.construct = construct;
  }

  /** Of an app or a worker: its service in `compose.yaml`. Of a stack: the whole file. */
  static of(construct: IConstruct): Compose {
    return new Compose(construct);
  }

  /**
   * Applies JSON Patch operations (RFC 6902) to the emitted object. The result is checked like any other output.
   *
   * @example Compose.of(api).patch({ op: 'add', path: '/extra_hosts', value: ['db:10.0.0.5'] })
   */
  patch(...operations: readonly PatchOperation[]): this {
    rememberFilePatch(this.construct, 'bare-metal', operations);
    return this;
  }
}
