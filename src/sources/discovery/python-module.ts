import type { CallExpression, Expression } from './syntax.js';

/** A Python file as data. */
export interface PythonModule {
  readonly path: string;
  readonly text: string;
  /** What the module gives names to, in its order. */
  readonly bindings: readonly Binding[];
  /** Modules of which every name is imported, `..core`. */
  readonly stars: readonly string[];
  /** Every function, also those inside of others. */
  readonly functions: readonly PythonFunction[];
  readonly classes: readonly PythonClass[];
  /** Every call, wherever it is. */
  readonly calls: readonly ScopedCall[];
}

export interface Binding {
  readonly name: string;
  readonly line: number;
  /** Whether it stands below an `if` or `try`, so that an earlier one may hold as well. */
  readonly conditional: boolean;
  readonly value: Value;
}

export type Value =
  | Expression
  | { readonly kind: 'import'; readonly module: string; readonly name: string | undefined }
  | { readonly kind: 'function'; readonly function: PythonFunction }
  | { readonly kind: 'class'; readonly class: PythonClass };

export interface PythonFunction {
  readonly name: string;
  readonly line: number;
  readonly isAsync: boolean;
  readonly isDecorated: boolean;
  readonly parameters: readonly Parameter[];
  readonly annotation: string | undefined;
  readonly decorators: readonly CallExpression[];
  readonly bindings: readonly Binding[];
  readonly returns: readonly Expression[];
  /** The function around it. */
  readonly outer: PythonFunction | undefined;
  readonly text: string;
}

export interface Parameter {
  readonly name: string;
  readonly annotation: string;
  readonly required: boolean;
}

export interface PythonClass {
  readonly name: string;
  readonly line: number;
  readonly bases: readonly string[];
  readonly fields: readonly Field[];
  /** Classes inside, as `Config`. */
  readonly classes: readonly PythonClass[];
}

export interface Field {
  readonly name: string;
  readonly line: number;
  readonly annotation: string | undefined;
  readonly value: Expression | undefined;
}

export interface ScopedCall {
  readonly call: CallExpression;
  readonly scope: PythonFunction | undefined;
}
