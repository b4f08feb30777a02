export interface LoggingValues {
  /** Path of the module inside the container. */
  readonly script: string;
  /** What is less than that is left out. */
  readonly level: 'debug' | 'info' | 'warning' | 'error';
}

/** Loggers of the servers that are set up by name, beside the root, which all others lead to. */
const SERVERS = ['gunicorn.error', 'uvicorn', 'uvicorn.error'];

/** Whether these say anything is up to the servers; a line for a request is of level INFO. */
const REQUESTS = ['gunicorn.access', 'uvicorn.access'];

/**
 * Text of a configuration of Python's logging (docs.python.org/3/library/logging.config.html, version 1) that both servers take.
 * It can import only what is on the path of Python. So the first formatter, which nobody uses, runs the module by its path, and
 * the second one is what that has made.
 */
export function loggingConfig({ script, level }: LoggingValues): string {
  const root = { level: level.toUpperCase(), handlers: ['json'] };
  const config = {
    version: 1,
    disable_existing_loggers: false,
    formatters: {
      module: { '()': 'runpy.run_path', path_name: script },
      json: { '()': 'asgi_synth_logs.JsonFormatter' },
    },
    handlers: { json: { class: 'logging.StreamHandler', formatter: 'json', stream: 'ext://sys.stdout' } },
    root,
    loggers: Object.fromEntries([
      ...SERVERS.map((name) => [name, { ...root, propagate: false }]),
      ...REQUESTS.map((name) => [name, { ...root, level: 'INFO', propagate: false }]),
    ]),
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}
