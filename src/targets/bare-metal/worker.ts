import type { BackgroundService } from '../../formats/compose.js';
import type { Worker } from '../../model/worker.js';
import { shimCommand, workerHealthcheck } from '../containers.js';
import type { Context } from '../context.js';
import { dependsOn } from './job.js';
import { taskService } from './task.js';

/** Containers of a worker: nobody inside would multiply a command that we do not know, so that Compose does. */
export function workerService(worker: Worker, context: Context): BackgroundService {
  const { image, deploy, ...task } = taskService(worker, context);
  return {
    image,
    entrypoint: shimCommand(worker.app, { drainSeconds: 0 }),
    ...task,
    ...dependsOn(worker.app, context),
    healthcheck: workerHealthcheck(worker),
    restart: 'unless-stopped',
    deploy: { replicas: worker.processes, ...deploy },
  };
}
