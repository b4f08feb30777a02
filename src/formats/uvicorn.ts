export interface UvicornValues {
  readonly module: string;
  readonly factory: boolean;
  readonly port: number;
  /** Seconds in which running requests must end before Uvicorn cancels them. */
  readonly gracefulSeconds: number;
  /** Seconds that an idle connection of the edge is kept. */
  readonly keepAliveSeconds: number;
  /** Seconds between pings of a WebSocket. */
  readonly webSocketPingSeconds: number;
  /** Addresses and CIDRs whose `X-Forwarded-*` are believed, or `['*']`. */
  readonly trusted: readonly string[];
  /** ASGI `root_path`, '' for none. */
  readonly rootPath: string;
  /**
   * Path of the logging configuration inside the container, and whether there is a line for each request.
   * @default - text, and no such line
   */
  readonly logs?: { readonly config: string; readonly access: boolean } | undefined;
}

/** Words of the command that starts one Uvicorn process, whatever `WEB_CONCURRENCY` says. */
export function uvicornCommand(values: UvicornValues): string[] {
  return [
    'uvicorn',
    values.module,
    ...(values.factory ? ['--factory'] : []),
    '--host',
    '0.0.0.0',
    '--port',
    String(values.port),
    '--workers',
    '1',
    ...(values.logs === undefined ? [] : ['--log-config', values.logs.config]),
    ...(values.logs?.access === true ? [] : ['--no-access-log']),
    '--no-server-header',
    '--timeout-keep-alive',
    String(values.keepAliveSeconds),
    '--timeout-graceful-shutdown',
    String(values.gracefulSeconds),
    '--ws-ping-interval',
    String(values.webSocketPingSeconds),
    '--forwarded-allow-ips',
    values.trusted.join(','),
    ...(values.rootPath === '' ? [] : ['--root-path', values.rootPath]),
  ];
}

export interface DevelopmentValues extends Pick<UvicornValues, 'module' | 'factory' | 'port' | 'gracefulSeconds'> {
  /** Whether the process starts anew when a file of its folder changes. */
  readonly reload: boolean;
}

/** Words of the command with which a developer starts Uvicorn: it logs requests, and nobody stands in front of it. */
export function developmentCommand({ module, factory, port, reload, gracefulSeconds }: DevelopmentValues): string[] {
  return [
    'uvicorn',
    module,
    ...(factory ? ['--factory'] : []),
    ...['--host', '0.0.0.0', '--port', String(port), '--workers', '1'],
    ...(reload ? ['--reload'] : []),
    ...['--timeout-graceful-shutdown', String(gracefulSeconds)],
  ];
}
