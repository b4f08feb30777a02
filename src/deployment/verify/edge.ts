import { isRight, type AppPlan, type Plan } from '../plan.js';
import type { Answer, AskRequest } from '../probe.js';
import { checked, skipped, type Checked } from './check.js';

/** A request, and what its answer says. */
export interface EdgeCheck {
  readonly check: string;
  readonly of: string;
  readonly request: AskRequest;
  judge(answer: Answer): Checked;
}

/** A host that no stack has: the domain is reserved for that. */
const NOBODY = 'verify.invalid';

/** The requests that show whether the edge keeps what it promises. None of them changes anything. */
export function edgeChecks({ name, apps }: Plan): EdgeCheck[] {
  const turnsAway = apps.length > 0 && apps.every((app) => hostsOf(app).length > 0);
  return [
    ...apps.flatMap((app) => [...answering(app), bodyLimit(app)].filter((one) => one !== undefined)),
    ...(turnsAway ? [unknownHost(name)] : []),
  ];
}

/** What cannot be asked, for the table. */
export function edgeSkips({ name, apps }: Plan): Checked[] {
  const open = apps.filter((app) => hostsOf(app).length === 0).map(({ id }) => id);
  if (open.length === 0) return [];
  return [skipped('unknown host', name, `${open.join(', ')} answer${open.length === 1 ? 's' : ''} any Host`)];
}

function hostsOf({ hosts, host }: AppPlan): readonly string[] {
  return hosts ?? (host === 'localhost' ? [] : [host]);
}

function answering(app: AppPlan): EdgeCheck[] {
  const hosts = hostsOf(app);
  return (hosts.length === 0 ? [app.host] : hosts).map((host) => {
    const check = `answers at ${host}${app.path}`;
    return {
      ...{ check, of: app.id },
      request: { host, path: app.path },
      judge({ status, headers }) {
        const wrong = [leaked(headers), sentToHttps(headers, `${host}${app.path}`)].filter((one) => one !== undefined);
        const evidence = [statusText(status), ...wrong].join(', ');
        return checked(check, app.id, isRight(status, app) && wrong.length === 0, evidence);
      },
    };
  });
}

/** Behind an answer that only leads to HTTPS there may be no app at all. */
function sentToHttps({ location = '' }: Answer['headers'], asked: string): string | undefined {
  const url = URL.canParse(location) ? new URL(location) : undefined;
  const isSame = url?.protocol === 'https:' && `${url.hostname}${url.pathname}` === asked;
  return isSame ? 'which leads to HTTPS; ask there' : undefined;
}

/** What a header tells that helps an attacker alone. */
export function leaked(headers: Answer['headers']): string | undefined {
  const { server = '', 'x-powered-by': powered } = headers;
  if (/\d/.test(server)) return `Server: ${server} tells the version`;
  return powered === undefined ? undefined : `X-Powered-By: ${powered}`;
}

/** The edge judges by the length that is announced: nothing has to be sent. */
function bodyLimit(app: AppPlan): EdgeCheck | undefined {
  if (app.bodyLimit === undefined) return undefined;
  const length = app.bodyLimit + 1;
  const check = 'body over the limit';
  return {
    ...{ check, of: app.id },
    request: { host: app.host, path: app.path, method: 'POST', headers: { 'Content-Length': String(length) } },
    judge: ({ status }) => checked(check, app.id, status === 413, `${statusText(status)} for ${length} bytes`),
  };
}

function unknownHost(name: string): EdgeCheck {
  const check = 'unknown host';
  return {
    ...{ check, of: name },
    request: { host: NOBODY, path: '/' },
    judge: ({ status }) => checked(check, name, status === 421 || status === 0, `${statusText(status)} for ${NOBODY}`),
  };
}

function statusText(status: number): string {
  return status === 0 ? 'connection closed' : `status ${status}`;
}
