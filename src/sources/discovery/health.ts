import type { Finding } from './project.js';
import type { Route } from './routes.js';

/** Paths that tell how an application is, as `health` of an `AsgiApp` takes them. */
export interface FoundHealth {
  /** Path that answers while the process is alive, whatever else is down. */
  readonly liveness: Finding | undefined;
  readonly readiness: Finding | undefined;
}

const ALIVE = [
  'healthz',
  'livez',
  'live',
  'liveness',
  'alive',
  'health',
  'health-check',
  'health_check',
  'healthcheck',
  'ping',
  'status',
  'heartbeat',
];
const READY = ['readyz', 'ready', 'readiness'];

/** What a handler that looks at a database says, in its parameters or its body. */
const LOOKS_FURTHER = /\b(Depends|Session|session|SessionDep|execute|database|db|redis|engine)\b/;
const ASKS_FOR_LOGIN = /\b(\w*current_user\w*|CurrentUser|\w*oauth2\w*|\w*api_key\w*|Security|HTTPBearer)\b/i;

/** The health routes that anybody may ask. */
export function healthOf(routes: readonly Route[]): FoundHealth {
  const open = routes.filter(
    ({ kind, path, isGuarded, handler }) =>
      kind === 'GET' && /^\/[\w./~-]*$/.test(path) && !isGuarded && !ASKS_FOR_LOGIN.test(handler?.text ?? ''),
  );
  const alive = best(open, ALIVE);
  const ready = best(open, READY);
  const plain = best(
    open.filter(({ handler }) => !LOOKS_FURTHER.test(handler?.text ?? '')),
    ALIVE,
  );
  return { liveness: finding(plain), readiness: finding(ready ?? alive) };
}

function best(routes: readonly Route[], names: readonly string[]): Route | undefined {
  const rank = ({ path }: Route) => names.indexOf(path.split('/').filter(Boolean).at(-1)?.toLowerCase() ?? '');
  const named = routes.filter((route) => rank(route) !== -1);
  return named.toSorted((a, b) => a.path.split('/').length - b.path.split('/').length || rank(a) - rank(b))[0];
}

function finding(route: Route | undefined): Finding | undefined {
  return route && { value: route.path, from: route.from };
}
