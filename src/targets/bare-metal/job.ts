import type { BackgroundService, Dependencies } from '../../formats/compose.js';
import type { AsgiApp } from '../../model/app.js';
import type { Job } from '../../model/job.js';
import { jobsBefore } from '../../model/tree.js';
import { limitedShim } from '../containers.js';
import type { Context } from '../context.js';
import { databasesBefore } from './database.js';
import { taskService } from './task.js';

/** A container that ends: what must wait for it depends on it. */
export function jobService(job: Job, context: Context): BackgroundService {
  const { image, ...task } = taskService(job, context);
  const { app } = job;
  return {
    image,
    entrypoint: limitedShim(job),
    ...task,
    ...waitFor(databasesBefore(app)),
    healthcheck: { disable: true },
    restart: 'no',
  };
}

/** What an app, and whatever runs beside it, waits for before it starts. */
export function dependsOn(app: AsgiApp, { stack }: Context): Pick<BackgroundService, 'depends_on'> {
  const done = { condition: 'service_completed_successfully' } as const;
  return waitFor({
    ...databasesBefore(app),
    ...Object.fromEntries(jobsBefore(app, stack).map(({ node }) => [node.id, done])),
  });
}

function waitFor(services: Dependencies): Pick<BackgroundService, 'depends_on'> {
  return Object.keys(services).length === 0 ? {} : { depends_on: services };
}
