import type { Deployment } from 'kubernetes-types/apps/v1.js';
import type { HorizontalPodAutoscaler } from 'kubernetes-types/autoscaling/v2.js';
import type {
  ConfigMap,
  Container,
  Namespace,
  PersistentVolumeClaim,
  PodSpec,
  Service,
  ServiceAccount,
} from 'kubernetes-types/core/v1.js';
import type { ObjectMeta } from 'kubernetes-types/meta/v1.js';
import type { Ingress, NetworkPolicy } from 'kubernetes-types/networking/v1.js';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.js';
import { parseAllDocuments } from 'yaml';
import { AsgiApp } from '../../../../src/model/app.js';
import type { AsgiAppProps } from '../../../../src/model/app-props.js';
import { Stack } from '../../../../src/model/stack.js';
import type { StackProps } from '../../../../src/model/stack-props.js';
import { kubernetes } from '../../../../src/targets/kubernetes/kubernetes.js';
import type { SynthesizeOptions } from '../../../../src/targets/target.js';

export const IMAGE = 'registry.example.com/acme/api:1.4.2';

/** A stack of one app from a ready image. */
export function stackOf(app: Partial<AsgiAppProps> = {}, props: StackProps = {}): Stack {
  const stack = new Stack('shop', props);
  new AsgiApp(stack, 'api', { image: IMAGE, module: 'main:app', ...app });
  return stack;
}

/** The output files of a stack, by path. */
export function filesOf(stack: Stack, options: SynthesizeOptions = {}): Record<string, string> {
  return Object.fromEntries(kubernetes.synthesize(stack, options).map(({ path, content }) => [path, content]));
}

/** Every object of an output, read back. */
export function objectsOf(stack: Stack, options: SynthesizeOptions = {}): AnyObject[] {
  return Object.entries(filesOf(stack, options))
    .filter(([path]) => path.endsWith('.yaml') && path !== 'kustomization.yaml')
    .flatMap(([, content]) => parseAllDocuments(content).map((document) => document.toJS() as AnyObject));
}

export interface AnyObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Full<ObjectMeta>;
}

/** The kinds of objects that tests look into. */
interface Kinds {
  ConfigMap: Full<ConfigMap>;
  Deployment: Full<Deployment>;
  HTTPRoute: HttpRoute;
  HorizontalPodAutoscaler: Full<HorizontalPodAutoscaler>;
  Ingress: Full<Ingress>;
  Namespace: Full<Namespace>;
  NetworkPolicy: Full<NetworkPolicy>;
  PersistentVolumeClaim: Full<PersistentVolumeClaim>;
  PodDisruptionBudget: Full<PodDisruptionBudget>;
  Service: Full<Service>;
  ServiceAccount: Full<ServiceAccount>;
}

interface HttpRoute extends AnyObject {
  readonly spec: {
    readonly parentRefs: readonly object[];
    readonly hostnames: readonly string[];
    readonly rules: readonly object[];
  };
}

/** A type whose every part is there, as it is in what a test expects. */
type Full<T> = T extends readonly (infer Item)[]
  ? Full<Item>[]
  : T extends object
    ? { [Key in keyof T]-?: Full<NonNullable<T[Key]>> }
    : T;

/** Every object of a kind. */
export function allOf<Kind extends keyof Kinds>(
  stack: Stack,
  kind: Kind,
  options: SynthesizeOptions = {},
): Kinds[Kind][] {
  return objectsOf(stack, options).filter((object) => object.kind === kind) as AnyObject[] as Kinds[Kind][];
}

/** The one object of a kind and name. */
export function objectOf<Kind extends keyof Kinds>(stack: Stack, kind: Kind, name = 'shop-api'): Kinds[Kind] {
  const [found, ...more] = allOf(stack, kind).filter(({ metadata }) => metadata.name === name);
  if (found === undefined || more.length > 0) throw new Error(`there is not one ${kind} ${name}`);
  return found;
}

/** The container of the one Deployment in an output that was read back. */
export function containerIn(objects: readonly AnyObject[]): Full<Container> {
  const [deployment] = objects.filter(({ kind }) => kind === 'Deployment') as AnyObject[] as Full<Deployment>[];
  return deployment!.spec.template.spec.containers[0]!;
}

export function podOf(stack: Stack, name = 'shop-api'): Full<PodSpec> {
  return objectOf(stack, 'Deployment', name).spec.template.spec;
}

export function containerOf(stack: Stack, name = 'shop-api'): Full<Container> {
  return podOf(stack, name).containers[0]!;
}

export function kindsIn(stack: Stack): string[] {
  return objectsOf(stack).map(({ kind }) => kind);
}
