import type { Stack } from '../../model/stack.js';
import { secretsOf } from '../../model/tree.js';
import { configFileOutputs } from '../config-files.js';
import { acmeFiles } from '../acme.js';
import { contextOf } from '../context.js';
import { dockerAcme, hasOwnEdge } from '../edge.js';
import { gitIgnore } from '../git-ignore.js';
import { imageFiles } from '../image-files.js';
import { loggingOutputs } from '../observability.js';
import { runtimeFiles } from '../runtime-files.js';
import type { OutputFile, SynthesizeOptions, Target } from '../target.js';
import { composeYaml } from './compose-file.js';
import { edgeFiles } from './edge.js';
import { bareMetalExplanation } from './explanation.js';
import { bareMetalFootprint } from './footprint.js';
import { gunicornFiles } from './gunicorn.js';
import { bareMetalProblems } from './problems.js';
import { readme } from './readme.js';
import { staticFiles } from './static.js';
import { bareMetalSupport } from './support.js';

/** One host with Docker Compose: Gunicorn managing Uvicorn workers behind nginx. */
export const bareMetal = {
  name: 'bare-metal' as const,

  synthesize(stack: Stack, options: SynthesizeOptions): OutputFile[] {
    const context = contextOf(stack, 'bare-metal', 'gunicorn', options);
    return [
      { path: 'compose.yaml', content: composeYaml(context) },
      ...(hasOwnEdge(stack) ? edgeFiles(context) : []),
      ...runtimeFiles(stack),
      ...(dockerAcme(stack) ? acmeFiles() : []),
      ...loggingOutputs(stack),
      ...staticFiles(context),
      ...configFileOutputs(context),
      ...gunicornFiles(context),
      ...imageFiles(context),
      ...gitIgnore(stack, { ...context, folders: secretsOf(stack).length > 0 ? ['secrets'] : [] }),
      { path: 'README.md', content: readme(context) },
    ];
  },

  problems: bareMetalProblems,
  support: bareMetalSupport,
  explanation: bareMetalExplanation,
  footprint: bareMetalFootprint,
} satisfies Target;
