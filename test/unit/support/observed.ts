import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunicornCommand, gunicornConfig } from '../../../src/formats/gunicorn.js';
import { loggingConfig, type LoggingValues } from '../../../src/formats/logging.js';
import { uvicornCommand } from '../../../src/formats/uvicorn.js';
import { pythonWith } from './python.js';
import { Server, type ServerPlace } from './server.js';

/** The application that counts and logs, and a Python that has what it needs. */
export const OBSERVED = join(import.meta.dirname, '../../../images/observed');

const LOGS_SCRIPT = join(import.meta.dirname, '../../../src/formats/python/logs.py');

/** Undefined where Python or PyPI is out of reach. */
export function observedPython(): string | undefined {
  const requirements = join(OBSERVED, 'requirements.txt');
  return pythonWith('observed', readFileSync(requirements), ['--require-hashes', '-r', requirements]);
}

export interface Observed {
  readonly python: string;
  /** Folder of the application. @default - the one that counts and logs */
  readonly cwd?: string;
  readonly access?: boolean;
  readonly level?: LoggingValues['level'];
}

const SERVER = {
  keepAliveSeconds: 5,
  webSocketPingSeconds: 20,
  trusted: ['127.0.0.1'],
  rootPath: '',
} as const;

/** Gunicorn as it runs on bare metal, with the files of an app that has `logs` and `metrics`. */
export function gunicorn(processes: number, { python, cwd = OBSERVED, ...logs }: Observed): Promise<Server> {
  return Server.start({
    python,
    cwd,
    command: (place) => {
      const config = join(place.folder, 'gunicorn.conf.py');
      const text = gunicornConfig({
        ...SERVER,
        header: [],
        port: place.port,
        startupSeconds: 30,
        gracefulSeconds: 25,
        appGracefulSeconds: 20,
        readyDirectory: join(place.folder, 'ready'),
        metricsDirectory: metricsDirectory(place),
        logs: { config: logging(place, logs), access: logs.access ?? false },
      });
      writeFileSync(config, text);
      return gunicornCommand({ module: 'main:app', factory: false, processes, config });
    },
  });
}

export function metricsDirectory({ folder }: ServerPlace): string {
  return join(folder, 'metrics');
}

/** One Uvicorn, as it runs in a cluster. */
export function uvicorn({ python, cwd = OBSERVED, ...logs }: Observed): Promise<Server> {
  return Server.start({
    python,
    cwd,
    command: (place) =>
      uvicornCommand({
        ...SERVER,
        module: 'main:app',
        factory: false,
        port: place.port,
        gracefulSeconds: 20,
        logs: { config: logging(place, logs), access: logs.access ?? false },
      }),
  });
}

function logging({ folder }: ServerPlace, { level = 'info' }: Pick<Observed, 'level'>): string {
  const file = join(folder, 'logging.json');
  writeFileSync(file, loggingConfig({ script: LOGS_SCRIPT, level }));
  return file;
}
