import { meanings, type Modules, type Where } from './modules.js';
import type { PythonFunction, PythonModule } from './python-module.js';
import { argument, literal, type CallExpression, type Expression } from './syntax.js';

/** A route of an application, with the prefixes of all routers that lead to it. */
export interface Route {
  readonly path: string;
  readonly kind: 'GET' | 'websocket';
  readonly from: string;
  /** The function that answers, where it is known. */
  readonly handler: PythonFunction | undefined;
  /** Whether the decorator asks for something before the function does, as for a login. */
  readonly isGuarded: boolean;
}

/** Routes whose whole path is written down. */
export function routesOf(modules: Modules, files: readonly PythonModule[]): Route[] {
  const graph = files.flatMap((module) => includesIn(modules, module));
  const owned = files.flatMap((module) => [...decorated(modules, module), ...listed(modules, module)]);
  return owned.flatMap(({ owner, path, ...route }) =>
    prefixesOf(modules, owner, graph).map((prefix) => ({ ...route, path: joined(prefix, path) })),
  );
}

function joined(prefix: string, path: string): string {
  return `${prefix}${path}`.replaceAll(/\/{2,}/g, '/') || '/';
}

/** What routes are added to: a router or an application, by where it is made. `undefined` is the application itself. */
type Owner = { readonly key: string; readonly call: CallExpression; readonly where: Where } | undefined;

interface OwnedRoute extends Route {
  readonly owner: Owner;
}

const METHOD = /^(.+)\.(get|route|api_route|websocket|websocket_route)$/;
const BARE: Readonly<Record<string, Route['kind']>> = {
  get: 'GET',
  websocket: 'websocket',
  websocket_listener: 'websocket',
};

function decorated(modules: Modules, module: PythonModule): OwnedRoute[] {
  return module.functions.flatMap((handler) =>
    handler.decorators.flatMap((call) => {
      const [, owner, method = call.callee] = METHOD.exec(call.callee) ?? [];
      const kind = method.startsWith('websocket') ? 'websocket' : (BARE[method] ?? 'GET');
      if (owner === undefined && BARE[call.callee] === undefined) return [];
      const methods = argument(call, 'methods');
      if (methods?.kind === 'list' && !methods.items.some((one) => literal(one) === 'GET')) return [];
      const where = { module, scope: handler.outer };
      const path = textValue(modules, argument(call, 'path', 0), where) ?? (owner === undefined ? '/' : undefined);
      if (path === undefined) return [];
      const found = owner === undefined ? undefined : ownerOf(modules, owner, where);
      if (found === 'unknown') return [];
      const isGuarded = call.arguments.some(({ name }) => name === 'dependencies' || name === 'guards');
      return [{ owner: found, path, kind, from: `${module.path}:${call.line}`, handler, isGuarded }];
    }),
  );
}

/** `Route('/healthz', health)` of Starlette, also below a `Mount`. */
function listed(modules: Modules, module: PythonModule): OwnedRoute[] {
  const inside = new Set(
    module.calls.filter(({ call }) => call.callee.endsWith('Mount')).flatMap(({ call }) => below(call)),
  );
  const walk = (call: CallExpression, where: Where, prefix: string): OwnedRoute[] => {
    const path = textValue(modules, argument(call, 'path', 0), where);
    const name = call.callee.split('.').at(-1);
    if (path === undefined) return [];
    if (name === 'Mount') {
      const routes = argument(call, 'routes');
      const items = routes?.kind === 'list' ? routes.items : [];
      return items.flatMap((item) => (item.kind === 'call' ? walk(item, where, joined(prefix, path)) : []));
    }
    if (name !== 'Route' && name !== 'WebSocketRoute' && name !== 'APIRoute') return [];
    const kind = name === 'WebSocketRoute' ? 'websocket' : 'GET';
    const methods = argument(call, 'methods');
    if (methods?.kind === 'list' && !methods.items.some((one) => literal(one) === 'GET')) return [];
    const handler = functionOf(modules, argument(call, 'endpoint', 1), where);
    const from = `${module.path}:${call.line}`;
    return [{ owner: undefined, path: joined(prefix, path), kind, from, handler, isGuarded: false }];
  };
  return module.calls
    .filter(({ call }) => !inside.has(placeOf(call)))
    .flatMap(({ call, scope }) => walk(call, { module, scope }, ''));
}

function functionOf(modules: Modules, value: Expression | undefined, where: Where): PythonFunction | undefined {
  if (value?.kind !== 'name') return undefined;
  const [found] = meanings(modules, value.name, where);
  return found?.kind === 'own' && found.binding.value.kind === 'function' ? found.binding.value.function : undefined;
}

/** Calls inside of a call, told by where they are: the same call is read anew for each that is around it. */
function below({ arguments: all }: CallExpression): string[] {
  const walk = (value: Expression): string[] => {
    if (value.kind === 'list') return value.items.flatMap(walk);
    return value.kind === 'call' ? [placeOf(value), ...value.arguments.flatMap((one) => walk(one.value))] : [];
  };
  return all.flatMap(({ value }) => walk(value));
}

function placeOf(call: CallExpression): string {
  return `${call.line} ${call.callee} ${literal(argument(call, 'path', 0)) ?? ''}`;
}

interface Include {
  /** Key of the router that is included. */
  readonly key: string;
  readonly into: Owner;
  readonly prefix: string;
}

const INCLUDES = /^(.+)\.(include_router|mount|register_blueprint|register)$/;

function includesIn(modules: Modules, module: PythonModule): Include[] {
  return module.calls.flatMap(({ call, scope }) => {
    const [, owner, method] = INCLUDES.exec(call.callee) ?? [];
    if (owner === undefined) return [];
    const where = { module, scope };
    const isMount = method === 'mount';
    const what = isMount ? argument(call, 'app', 1) : argument(call, 'router', 0);
    const prefix = isMount ? argument(call, 'path', 0) : (argument(call, 'prefix') ?? argument(call, 'url_prefix'));
    const key = what?.kind === 'name' ? ownerOf(modules, what.name, where) : 'unknown';
    const into = ownerOf(modules, owner, where);
    const path = prefix === undefined ? '' : textValue(modules, prefix, where);
    // What is guarded as a whole is not for a health check.
    const isOpen = !call.arguments.some(({ name }) => name === 'dependencies');
    return key === 'unknown' || key === undefined || into === 'unknown' || path === undefined || !isOpen
      ? []
      : [{ key: key.key, into, prefix: path }];
  });
}

const ROUTER = /(^|\.)(\w*Router|Blueprint|Controller)$/;

/** What a name is that routes are added to; a parameter `app` is taken for the application. */
function ownerOf(modules: Modules, name: string, where: Where): Owner | 'unknown' {
  for (const found of meanings(modules, name, where)) {
    if (found.kind !== 'own' || found.rest !== '' || found.binding.value.kind !== 'call') continue;
    const { value, line } = found.binding;
    const at = { module: found.module, scope: found.scope };
    return { key: `${found.module.path}:${line}`, call: value, where: at };
  }
  return /(^|\.)(app|application|api)$/.test(name) ? undefined : 'unknown';
}

/** Every prefix under which a router is reached, none for one that nobody includes. */
function prefixesOf(modules: Modules, owner: Owner, graph: readonly Include[], seen: readonly string[] = []): string[] {
  if (owner === undefined) return [''];
  if (seen.includes(owner.key)) return [];
  const above = graph
    .filter(({ key }) => key === owner.key)
    .flatMap(({ into, prefix }) =>
      prefixesOf(modules, into, graph, [...seen, owner.key]).map((outer) => `${outer}${prefix}`),
    );
  if (!ROUTER.test(owner.call.callee)) return above.length > 0 ? above : [''];
  if (argument(owner.call, 'dependencies') !== undefined) return [];
  const own = argument(owner.call, 'prefix') ?? argument(owner.call, 'url_prefix');
  const prefix = own === undefined ? '' : textValue(modules, own, owner.where);
  return prefix === undefined ? [] : above.map((outer) => `${outer}${prefix}`);
}

/** The text that an expression stands for: written there, or in a constant or a default of a settings class. */
export function textValue(
  modules: Modules,
  value: Expression | undefined,
  where: Where,
  depth = 0,
): string | undefined {
  if (value?.kind === 'text') return value.text;
  if (value?.kind !== 'name' || depth > 8) return undefined;
  for (const found of meanings(modules, value.name, where)) {
    if (found.kind !== 'own') continue;
    const at = { module: found.module, scope: found.scope };
    const { value: bound } = found.binding;
    if (found.rest === '' && (bound.kind === 'text' || bound.kind === 'name'))
      return textValue(modules, bound, at, depth + 1);
    const made = bound.kind === 'call' ? bound.callee : undefined;
    const field = made === undefined ? undefined : fieldDefault(modules, { made, field: found.rest, where: at, depth });
    if (field !== undefined) return field;
  }
  return undefined;
}

interface FieldRequest {
  /** Name of the class, or of a function that returns one. */
  readonly made: string;
  readonly field: string;
  readonly where: Where;
  readonly depth: number;
}

function fieldDefault(modules: Modules, { made, field, where, depth }: FieldRequest): string | undefined {
  if (depth > 8) return undefined;
  for (const found of meanings(modules, made, where)) {
    if (found.kind !== 'own') continue;
    const { value } = found.binding;
    if (value.kind === 'class') return literal(value.class.fields.find(({ name }) => name === field)?.value);
    const [returned] = value.kind === 'function' ? value.function.returns : [];
    if (returned?.kind !== 'call' || value.kind !== 'function') continue;
    const at = { module: found.module, scope: value.function };
    return fieldDefault(modules, { made: returned.callee, field, where: at, depth: depth + 1 });
  }
  return undefined;
}
