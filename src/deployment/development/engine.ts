import { join } from 'node:path';
import { userError, UserError } from '../../errors.js';
import { composeComplaint } from '../bare-metal/check.js';
import type { EngineOptions } from '../deployer.js';
import { connectDocker, type Docker } from '../docker.js';
import type { Made } from './develop.js';

/** What runs a stack on a developer's machine. Each returns the exit code of its command. */
export interface DevelopmentEngine {
  /** For people. */
  readonly name: string;
  /** Builds what changed and brings everything to what the files say. */
  up(made: Made, signal: AbortSignal): Promise<number>;
  restart(made: Made, services: readonly string[], signal: AbortSignal): Promise<number>;
  /** Begins to print what the containers say, those included that come later, unless that is done already. */
  follow(made: Made, signal: AbortSignal): void;
  /** Removes all containers. Volumes stay. */
  down(made: Made): Promise<number>;
}

/** Docker Compose on an engine that sees the files of this machine. */
export async function connectDevelopment(options: EngineOptions): Promise<DevelopmentEngine> {
  const { docker, local, endpoint, name } = await connectDocker(options);
  if (!local)
    throw userError(
      `synth watch mounts the source folders, so that the engine must run on this machine, and this one is at ${endpoint}; name another with --context or DOCKER_HOST`,
    );
  const complaint = composeComplaint(await docker.attempt(['compose', 'version', '--short']));
  if (complaint) throw new UserError([complaint]);
  return composeEngine(docker, name);
}

function composeEngine(docker: Docker, name: string): DevelopmentEngine {
  const words = ({ directory, development }: Made, ...rest: readonly string[]) => [
    ...['compose', '--project-name', development.name, '--file', join(directory, 'compose.yaml')],
    ...rest,
  ];
  // Containers that an earlier run left have said enough.
  let since = new Date().toISOString();
  let isFollowing = false;
  return {
    name,
    up: (made, signal) => docker.interactive(words(made, 'up', '--detach', '--build', '--remove-orphans'), { signal }),
    restart: (made, services, signal) => docker.interactive(words(made, 'restart', ...services), { signal }),
    follow: (made, signal) => {
      if (isFollowing) return;
      isFollowing = true;
      const logs = docker.interactive(words(made, 'logs', '--follow', '--since', since), { signal });
      // It ends where no container is left, and by Ctrl-C.
      const over = () => {
        isFollowing = false;
        since = new Date().toISOString();
      };
      logs.then(over, over);
    },
    down: (made) => docker.interactive(words(made, 'down', '--remove-orphans')),
  };
}
