import type { BackgroundService } from '../../formats/compose.js';
import type { AsgiApp } from '../../model/app.js';
import type { Job } from '../../model/job.js';
import { jobsBefore } from '../../model/tree.js';
import { limitedShim } from '../containers.js';
import type { Context } from '../context.js';
import { taskService } from './task.js';

/** A container that ends: what must wait for it depends on it. */
export function jobService(job: Job, context: Context): BackgroundService {
  const { image, ...task } = taskService(job, context);
  return { image, entrypoint: limitedShim(job), ...task, healthcheck: { disable: true }, restart: 'no' };
}

/** What an app, and whatever runs beside it, waits for before it starts. */
export function dependsOn(app: AsgiApp, { stack }: Context): Pick<BackgroundService, 'depends_on'> {
  const jobs = jobsBefore(app, stack);
  if (jobs.length === 0) return {};
  return {
    depends_on: Object.fromEntries(jobs.map(({ node }) => [node.id, { condition: 'service_completed_successfully' }])),
  };
}
