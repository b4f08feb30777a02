import type { IConstruct } from 'constructs';
import type { Place } from '../formats/places/place.js';
import type { AsgiApp } from '../model/app.js';
import type { Stack } from '../model/stack.js';
import type { Timeouts } from '../model/timeouts.js';
import type { Reasons } from './reasons.js';
import type { Subject } from './subject.js';

/** Seconds that something about the health of an app takes, and what they are made of. */
export interface HealthTime {
  readonly name: string;
  readonly seconds: number;
  readonly madeOf: string;
}

/** A port at which something is reached. */
export interface ToldPort {
  /** As a client names it: `80`, `127.0.0.1:8080`. */
  readonly port: string;
  /** What takes requests there. */
  readonly what: string;
}

/** Bytes that one container of an app may take. */
export interface ToldMemory {
  /** Bytes of one process, and how many of them are in the container. */
  readonly process: number;
  readonly times: number;
  /** Bytes on top, and what for. @default - none */
  readonly plus?: { readonly bytes: number; readonly for: string };
}

/** Who takes the requests of a stack from outside. */
export interface ToldEdge {
  /** `nginx` for one of ours, or what the platform has: `Ingress`; undefined where nothing does. */
  readonly name: string | undefined;
  readonly what: string;
  readonly ports: readonly ToldPort[];
}

/** What a target can tell of itself and of the output that it makes. */
export interface TargetExplanation {
  /** What the target is, in a few words. */
  readonly what: string;
  /** Who starts, watches and restarts the processes of an app. */
  readonly multiplies: string;
  /** Who spreads requests over them. */
  readonly balances: string;
  /** Why it is done that way. */
  readonly why: string;
  readonly reasons: Reasons;
  /** What the files are for that it has alone, by their paths. */
  readonly files: Readonly<Record<string, string>>;
  /** What a place of an output file is about. */
  subjectOf(file: string, place: Place, stack: Stack): Subject;
  /** The chain of timeouts of an app. */
  timeoutsOf(app: AsgiApp, stack: Stack): Timeouts;
  /** What the memory of one container of an app is made of. */
  memoryOf(app: AsgiApp): ToldMemory;
  /** What comes of `health.startup`. */
  healthOf(app: AsgiApp): readonly HealthTime[];
  edgeOf(stack: Stack): ToldEdge;
  /** What a construct is there, in a few words. `name` is that of the deployment. */
  becomes(construct: IConstruct, name: string): string;
  /** The network on which the parts of a stack find each other. */
  networkOf(stack: Stack, name: string): string;
  /** Objects of the user's own that stand beside what was made for a construct. @default - there are none */
  addedTo?(construct: IConstruct): readonly { readonly kind: string; readonly name: string }[];
}
