import type { MarkdownSection } from '../../formats/markdown.js';
import { jobsOf } from '../../model/tree.js';
import type { Context } from '../context.js';
import { JOB_SERVICE, jobPath, jobStack } from './job.js';
import { networkName } from './stack-file.js';

/** A Swarm has nothing that waits for a job, so that whoever deploys does. */
export function jobs(context: Context): MarkdownSection[] {
  const { name, stack } = context;
  const all = jobsOf(stack);
  if (all.length === 0) return [];
  const network = networkName(context);
  return [
    [
      'Jobs',
      'Before each new version, and one after the other; `synth deploy` does the same. A stack file knows no order, so each job is a stack of its own, and the network of the stack must be there before.',
      {
        shell: [
          `docker network inspect ${network} >/dev/null 2>&1 || docker network create --driver overlay --label com.docker.stack.namespace=${name} ${network}`,
          ...all.flatMap(({ node }) => jobCommands(jobPath(node.id), jobStack(name, node.id), registryOptions(stack))),
        ],
      },
      ...(stack.databases.length === 0
        ? []
        : [
            'The databases are part of the stack: by hand, the first deployment comes before the first job; `synth deploy` starts them alone before.',
          ]),
      'Deploy only after `Complete`: what `Failed` says is in its logs, and the old version serves on.',
    ],
  ];
}

function jobCommands(path: string, own: string, options: string): string[] {
  const task = `docker service ps --no-trunc --format '{{.CurrentState}} {{.Error}}' ${own}_${JOB_SERVICE}`;
  return [
    `docker stack deploy --compose-file ${path} ${options} ${own}`,
    `until ${task} | grep -E '^(Complete|Failed|Rejected)'; do sleep 2; done`,
    `docker service logs --raw ${own}_${JOB_SERVICE}`,
    `docker stack rm ${own}`,
  ];
}

/** Words by which a deployment finds the images on every node. */
export function registryOptions({ registry }: Context['stack']): string {
  return registry === undefined ? '--resolve-image never' : '--with-registry-auth --resolve-image never';
}
