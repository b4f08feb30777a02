import type { Stack } from '../model/stack.js';
import { staticId, withStatic } from '../model/tree.js';
import { DRAIN } from '../targets/containers.js';
import type { Context } from '../targets/context.js';
import type { TargetName } from '../targets/index.js';
import { DNS_DRAIN } from '../targets/kubernetes/cluster.js';
import {
  isStaticBuilt,
  STATIC_OVERLAP,
  STATIC_REPLICAS,
  STATIC_SHUTDOWN,
  STATIC_STARTUP,
  staticImage,
} from '../targets/statics.js';

/** The nginx with the static files of an app. */
export interface StaticPlan {
  /** Name of its service. */
  readonly id: string;
  readonly image: string;
  /** Whether `synth build` makes the image. */
  readonly built: boolean;
  /** Containers of it. */
  readonly processes: number;
  /** Seconds that it may take to start, those included for which one of the old version stays beside it. */
  readonly startup: number;
  /** Seconds from the stop signal until the engine kills it. */
  readonly stopGrace: number;
}

/** What a deployment must know of the static files of a stack. */
export function staticPlans(
  stack: Stack,
  target: TargetName,
  context: Context,
): { readonly statics?: readonly StaticPlan[] } {
  const isAlone = target === 'bare-metal';
  const statics = withStatic(stack).map((app) => ({
    id: staticId(app),
    image: staticImage(app, context),
    built: isStaticBuilt(app, context),
    processes: isAlone ? 1 : STATIC_REPLICAS,
    startup: STATIC_STARTUP + (isAlone ? 0 : STATIC_OVERLAP),
    stopGrace: STATIC_SHUTDOWN + (target === 'kubernetes' ? DNS_DRAIN : DRAIN) + 5,
  }));
  return statics.length === 0 ? {} : { statics };
}
