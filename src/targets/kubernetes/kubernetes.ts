import type { Stack } from '../../model/stack.js';
import { gitIgnore } from '../git-ignore.js';
import { imageFiles } from '../image-files.js';
import type { OutputFile, SynthesizeOptions, Target } from '../target.js';
import { checkNames, checkManifests } from './checks.js';
import { clusterOf } from './cluster.js';
import { CONFIG_MAP_LIMIT } from './config-file.js';
import { kubernetesExplanation } from './explanation.js';
import { kubernetesFootprint } from './footprint.js';
import { kustomizationFile, manifestFile, manifestsOf } from './manifests.js';
import { kubernetesProblems } from './problems.js';
import { readme } from './readme.js';
import { kubernetesSupport } from './support.js';

/** A Kubernetes cluster: replicas of a single-process Uvicorn image behind the cluster's own edge, or an nginx of ours. */
export const kubernetes = {
  name: 'kubernetes' as const,

  synthesize(stack: Stack, options: SynthesizeOptions): OutputFile[] {
    checkNames(stack);
    const cluster = clusterOf(stack, options);
    const manifests = manifestsOf(stack, cluster);
    checkManifests(stack, manifests);
    return [
      kustomizationFile(manifests, cluster),
      ...manifests.map((manifest) => manifestFile(manifest, cluster)),
      ...imageFiles(cluster),
      ...gitIgnore(stack, cluster),
      { path: 'README.md', content: readme(cluster) },
    ];
  },

  problems: kubernetesProblems,
  support: kubernetesSupport,
  explanation: kubernetesExplanation,
  fileLimit: CONFIG_MAP_LIMIT,
  footprint: kubernetesFootprint,
} satisfies Target;
