import { isDeepStrictEqual } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { UserError } from './errors.js';
import type { Stack } from './model/stack.js';
import { synthesize } from './synthesize.js';
import type { TargetName } from './targets/index.js';
import type { OutputFile, SynthesizeOptions } from './targets/target.js';

/** An expectation of a part of an output. */
export interface Matcher {
  /** What is wrong with `actual`, with the path to it; empty where it matches. */
  mismatches(actual: unknown, path: string): string[];
}

/** Expectations of parts of an output, in the manner of the AWS CDK's assertions. */
export const Match = {
  /** An object with at least these keys. */
  objectLike: (pattern: Readonly<Record<string, unknown>>): Matcher => ({
    mismatches: (actual, path) =>
      isRecord(actual)
        ? Object.entries(pattern).flatMap(([key, expected]) => compare(actual[key], expected, `${path}/${key}`))
        : [`${path} is not an object`],
  }),
  /** A list that has each of these items somewhere, in this order. */
  arrayWith: (items: readonly unknown[]): Matcher => ({
    mismatches: (actual, path) => {
      if (!Array.isArray(actual)) return [`${path} is not a list`];
      let from = 0;
      for (const item of items) {
        const at = actual.findIndex((candidate, index) => index >= from && compare(candidate, item, path).length === 0);
        if (at < 0) return [`${path} has no item like ${JSON.stringify(item)}`];
        from = at + 1;
      }
      return [];
    },
  }),
  /** A string that the regular expression matches. */
  stringLikeRegexp: (pattern: string): Matcher => ({
    mismatches: (actual, path) =>
      typeof actual === 'string' && new RegExp(pattern).test(actual)
        ? []
        : [`${path} does not match ${pattern}: ${JSON.stringify(actual)}`],
  }),
  /** Nothing at all. */
  absent: (): Matcher => ({
    mismatches: (actual, path) => (actual === undefined ? [] : [`${path} is there: ${JSON.stringify(actual)}`]),
  }),
  /** Anything but nothing. */
  anyValue: (): Matcher => ({
    mismatches: (actual, path) => (actual === undefined || actual === null ? [`${path} is missing`] : []),
  }),
  /** Exactly this value. */
  exact: (expected: unknown): Matcher => ({
    mismatches: (actual, path) =>
      isDeepStrictEqual(actual, expected)
        ? []
        : [`${path} is ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`],
  }),
};

/** The output of a stack on one target, for assertions in a test. */
export class Template {
  readonly files: readonly OutputFile[];

  private constructor(files: readonly OutputFile[]) {
    this.files = files;
  }

  /** Synthesizes `stack` for a target. Throws as `synthesize` does. */
  static synthesize(stack: Stack, target: TargetName, options: SynthesizeOptions = {}): Template {
    return new Template(synthesize(stack, target, options));
  }

  /** Content of one file. Throws where there is none. */
  file(path: string): string {
    const found = this.files.find((file) => file.path === path);
    if (!found) throw new Error(`no file ${path}; there are ${this.files.map((file) => file.path).join(', ')}`);
    return found.content;
  }

  /** Every YAML document of the output, in order. */
  documents(): Record<string, unknown>[] {
    return this.files
      .filter(({ path }) => path.endsWith('.yaml'))
      .flatMap(({ content }) =>
        parseAllDocuments(content).map((document) => document.toJS() as Record<string, unknown>),
      );
  }

  /** Services of a Compose or stack file, by name. */
  services(): Record<string, unknown> {
    const found = this.documents().find((document) => isRecord(document['services']));
    return (found?.['services'] as Record<string, unknown> | undefined) ?? {};
  }

  /** Kubernetes objects of a kind whose properties match. */
  findResources(kind: string, properties: unknown = Match.objectLike({})): Record<string, unknown>[] {
    return this.documents().filter(
      (document) => document['kind'] === kind && compare(document, like(properties), '').length === 0,
    );
  }

  /** Asserts that a service of the Compose or stack file has these properties. */
  hasService(name: string, properties: unknown = Match.objectLike({})): void {
    const service = this.services()[name];
    if (service === undefined)
      throw new Error(`no service ${name}; there are ${Object.keys(this.services()).join(', ')}`);
    refuse(`service ${name}`, compare(service, like(properties), ''));
  }

  /** Asserts that there is a Kubernetes object of this kind with these properties. */
  hasResource(kind: string, properties: unknown = Match.objectLike({})): void {
    if (this.findResources(kind, properties).length > 0) return;
    const near = this.findResources(kind).map((document) => compare(document, like(properties), ''));
    refuse(`no ${kind} matches`, near.length === 0 ? [`there is no ${kind} at all`] : near.flat());
  }

  /** Asserts how many Kubernetes objects of a kind there are. */
  resourceCountIs(kind: string, count: number): void {
    const found = this.findResources(kind).length;
    if (found !== count) throw new Error(`there are ${found} objects of kind ${kind}, not ${count}`);
  }

  /** The messages with which synthesis refuses `stack` for a target; empty where it does not. */
  static errors(stack: Stack, target: TargetName, options: SynthesizeOptions = {}): string[] {
    try {
      synthesize(stack, target, options);
      return [];
    } catch (error) {
      if (error instanceof UserError) return error.complaints.map(({ path, message }) => `${path ?? ''}: ${message}`);
      throw error;
    }
  }
}

/** A plain object means "at least these keys", as in the AWS CDK. */
function like(properties: unknown): unknown {
  return isRecord(properties) && !isMatcher(properties) ? Match.objectLike(properties) : properties;
}

function compare(actual: unknown, expected: unknown, path: string): string[] {
  if (isMatcher(expected)) return expected.mismatches(actual, path);
  if (isRecord(expected)) return Match.objectLike(expected).mismatches(actual, path);
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length)
      return [`${path} is ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`];
    return expected.flatMap((item, index) => compare(actual[index], item, `${path}/${index}`));
  }
  return Match.exact(expected).mismatches(actual, path);
}

function refuse(what: string, mismatches: readonly string[]): void {
  if (mismatches.length > 0) throw new Error(`${what}:\n${mismatches.map((line) => `  ${line}`).join('\n')}`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isMatcher(value: unknown): value is Matcher {
  return isRecord(value) && typeof value['mismatches'] === 'function';
}
