import * as library from '../index.js';
import type { DefaultsByDate } from '../model/defaults.js';
import { isObject } from '../model/props.js';

/** Which defaults the stack of a file gets. */
export interface ChosenDefaults {
  /** Every set of defaults that there is. @default - those of this release */
  readonly byDate?: DefaultsByDate | undefined;
  /** Date that holds in the place of the one that the file names. @default - the file decides */
  readonly date?: string | undefined;
}

/** What a stack file imports as `asgi-synth`. */
export function libraryFor({ byDate = library.Stack.defaultsByDate, date }: ChosenDefaults): typeof library {
  const Stack = class Stack extends library.Stack {
    static override readonly defaultsByDate = byDate;

    constructor(name: string, props: library.StackProps = {}) {
      // The date is one of the table, of which the type knows no other than this release has.
      super(name, date !== undefined && isObject(props) ? { ...props, defaults: date as library.DefaultsDate } : props);
    }
  };
  return { ...library, Stack };
}
