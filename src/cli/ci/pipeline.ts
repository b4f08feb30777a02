import type { PlannedFile } from '../init/files.js';
import { githubWorkflow } from './github.js';
import { gitlabPipeline } from './gitlab.js';
import { isOwnRegistry, type PipelineRequest, type System } from './request.js';

/** The file of a pipeline, from the folder of the project. */
export function pipelineFile(
  system: System,
  request: PipelineRequest,
  read: (path: string) => string | undefined,
): PlannedFile {
  const [path, content] =
    system === 'github'
      ? ['.github/workflows/deploy.yml', githubWorkflow(request)]
      : ['.gitlab-ci.yml', gitlabPipeline(request)];
  return { path, before: read(path), content };
}

/** What somebody has to set up before the pipeline can run. */
export function pipelineNeeds(system: System, { target, secrets, registry, folder }: PipelineRequest): string[] {
  const place = system === 'github' ? 'in Settings > Environments > production' : 'in Settings > CI/CD > Variables';
  const access =
    target === 'kubernetes'
      ? [
          `${place}: KUBECONFIG, the file that reaches the cluster${system === 'gitlab' ? ' (type File)' : ' (a secret)'}`,
        ]
      : [
          `${place}: DEPLOY_HOST, such as ssh://deploy@shop.example.com (a variable)`,
          `${place}: SSH_PRIVATE_KEY and SSH_KNOWN_HOSTS, of which ssh-keyscan prints the second (${system === 'gitlab' ? 'type File' : 'secrets'})`,
        ];
  return [
    ...access,
    ...(secrets.length === 0
      ? []
      : [
          `${place}: the secrets of the stack: ${secrets.join(', ')}${system === 'gitlab' ? ' (masked and protected, with their expansion off, since $ means a variable else)' : ''}`,
        ]),
    ...(target !== 'bare-metal' && registry === undefined
      ? ["in the stack file: registry of new Stack, such as 'ghcr.io/acme': the nodes pull the images from there"]
      : []),
    ...(target !== 'bare-metal' && registry !== undefined && !isOwnRegistry(system, registry)
      ? [`${place}: REGISTRY_USER and REGISTRY_PASSWORD, which may push to ${registry}`]
      : []),
    ...(folder === '.'
      ? []
      : [`at the root of the repository: this file, since it is read there alone; move it, or include it there`]),
    'in the repository: package-lock.json, which npm install writes, and by which npm ci installs',
  ];
}
