import type { Stack } from '../../model/stack.js';
import { configFileOutputs } from '../config-files.js';
import { acmeFiles } from '../acme.js';
import { contextOf } from '../context.js';
import { gitIgnore } from '../git-ignore.js';
import { imageFiles } from '../image-files.js';
import { dockerAcme, hasOwnEdge } from '../edge.js';
import { loggingOutputs } from '../observability.js';
import { runtimeFiles } from '../runtime-files.js';
import type { OutputFile, SynthesizeOptions, Target } from '../target.js';
import { edgeFiles } from './edge.js';
import { swarmExplanation } from './explanation.js';
import { swarmFootprint } from './footprint.js';
import { jobFiles } from './job.js';
import { SWARM_FILE_LIMIT } from './file-limit.js';
import { swarmProblems } from './problems.js';
import { readme } from './readme.js';
import { stackFile } from './stack-file.js';
import { staticFiles } from './static.js';
import { swarmSupport } from './support.js';

/** A Docker Swarm: replicas of a single-process Uvicorn image behind an nginx on each node. */
export const swarm = {
  name: 'swarm' as const,

  synthesize(stack: Stack, options: SynthesizeOptions): OutputFile[] {
    const context = contextOf(stack, 'swarm', 'uvicorn', options);
    return [
      { path: 'stack.yaml', content: stackFile(context) },
      ...(hasOwnEdge(stack) ? edgeFiles(context) : []),
      ...staticFiles(context),
      ...jobFiles(context),
      ...runtimeFiles(stack),
      ...(dockerAcme(stack) ? acmeFiles() : []),
      ...loggingOutputs(stack),
      ...configFileOutputs(context),
      ...imageFiles(context),
      ...gitIgnore(stack, context),
      { path: 'README.md', content: readme(context) },
    ];
  },

  problems: swarmProblems,
  support: swarmSupport,
  explanation: swarmExplanation,
  fileLimit: SWARM_FILE_LIMIT,
  footprint: swarmFootprint,
} satisfies Target;
