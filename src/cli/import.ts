import type { Command } from 'commander';
import type { Words } from './import/procedure.js';
import { jsonOption } from './options.js';
import { refuseWords, Usage } from './usage.js';

/** `synth import`: writes the stack file of a Compose file. */
export function importCommand(command: Command): Command {
  jsonOption(command);
  return command
    .description('write the stack file of a Compose file, and list what has no counterpart')
    .argument('[file]', 'Compose file, such as compose.yaml')
    .addHelpText('after', HELP)
    .allowExcessArguments()
    .action(async (file: string | undefined, _: unknown, self: Command) => {
      if (file === undefined || file === '')
        throw new Usage('the Compose file is missing; name it: synth import compose.yaml');
      refuseWords(self.args.slice(1), []);
      // The parsers are loaded by this command alone.
      const { importCompose } = await import('./import/procedure.js');
      importCompose(file, self.optsWithGlobals<Words>());
    });
}

const HELP = `
Reads the Compose file, and the files that it names: variables, Dockerfiles, the configuration of nginx or Caddy. Services that run uvicorn,
gunicorn, hypercorn, granian, daphne or fastapi become an AsgiApp, those of Celery and its like a Worker, migrations a Job, PostgreSQL and
Redis what they are; nginx, Traefik and Caddy go, since each target has an edge. Values of secrets are never written. Everything that is not
taken over is listed with its line. Nothing that is there is overwritten.

Examples:
  $ synth import compose.yaml
  $ synth import deploy/docker-compose.prod.yml --json

Exit codes: 0 written, 1 the file cannot be read, runs no ASGI application, or its stack file is there already, 2 wrong usage.`;
