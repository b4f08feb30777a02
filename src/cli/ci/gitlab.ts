import { pipelineText } from '../../formats/pipeline.js';
import { shellWord } from '../../targets/context.js';
import { isOwnRegistry, type PipelineRequest } from './request.js';
import { privateKey, SSH_CONFIG, SYNTH, whereSet } from './shell.js';

/** Docker of the job, and the engine beside it that builds. */
const DOCKER = '29.7.2';

/** A pipeline of GitLab CI that builds, shows the differences and deploys. */
export function gitlabPipeline(request: PipelineRequest): string {
  const { name, target, file, secrets } = request;
  const pushes = target !== 'bare-metal';
  return `# Deploys what ${file.replaceAll(/[^\x20-\x7e]/g, '?')} describes. Written once by synth init --ci gitlab; it is yours to change.
${secrets.length === 0 ? '' : `# Settings > CI/CD > Variables has the secrets, masked, protected and not expanded: ${secrets.join(', ')}.\n`}stages:
  - deploy

deploy:
  stage: deploy
  image: docker:${DOCKER}-cli
${pushes ? ENGINE : ''}  # Two deployments never run at once, and none is cut short: the later one waits.
  resource_group: ${pipelineText(`deploy-${name}`)}
  interruptible: false
  timeout: 1h
  environment:
    name: production
  rules:
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
  before_script:
${lines([
  `apk add --no-cache nodejs npm openssh-client-default${target === 'kubernetes' ? ' kubectl' : ''}`,
  ...(request.folder === '.' ? [] : [`cd ${shellWord(request.folder)}`]),
  'npm ci',
  ...(target === 'kubernetes' ? [...whereSet('KUBECONFIG'), 'chmod 600 "$KUBECONFIG"'] : SSH),
  ...(pushes ? [login(request)] : []),
])}  script:
${lines(script(request))}`;
}

/** Variables of type File hold the path of a file with the value. */
const SSH = [
  ...whereSet('DEPLOY_HOST', 'SSH_PRIVATE_KEY', 'SSH_KNOWN_HOSTS'),
  'install -d -m 700 ~/.ssh',
  'install -m 644 "$SSH_KNOWN_HOSTS" ~/.ssh/known_hosts',
  ...privateKey('{ cat "$SSH_PRIVATE_KEY"; echo; }'),
  ...SSH_CONFIG,
];

const ENGINE = `  services:
    - docker:${DOCKER}-dind
  variables:
    DOCKER_HOST: tcp://docker:2376
    DOCKER_TLS_CERTDIR: /certs
    DOCKER_TLS_VERIFY: '1'
    DOCKER_CERT_PATH: /certs/client
`;

function login({ registry }: PipelineRequest): string {
  const isOwn = registry === undefined || isOwnRegistry('gitlab', registry);
  const host = isOwn ? '"$CI_REGISTRY"' : shellWord(registry.split('/')[0] ?? '');
  const [user, password] = isOwn
    ? ['CI_REGISTRY_USER', 'CI_REGISTRY_PASSWORD']
    : ['REGISTRY_USER', 'REGISTRY_PASSWORD'];
  return `printf '%s' "$${password}" | docker login ${host} --username "$${user}" --password-stdin`;
}

/** On one host the engine there builds; elsewhere the engine beside the job does, and the nodes pull. */
function script({ target, file }: PipelineRequest): string[] {
  const words = `--target ${target} --stack ${shellWord(file)}`;
  const there =
    target === 'kubernetes'
      ? ''
      : target === 'swarm'
        ? 'env -u DOCKER_TLS_VERIFY -u DOCKER_CERT_PATH DOCKER_HOST="$DEPLOY_HOST" '
        : 'DOCKER_HOST="$DEPLOY_HOST" ';
  return [
    target === 'bare-metal' ? `${there}${SYNTH} build ${words}` : `${SYNTH} build ${words} --push`,
    // 1 says that there are differences, more that they could not be found.
    `${there}${SYNTH} diff ${words} || [ $? -eq 1 ]`,
    `${there}${SYNTH} deploy ${words} --json`,
    `${there}${SYNTH} verify ${words}`,
  ];
}

function lines(commands: readonly string[]): string {
  return commands.map((command) => `    - ${pipelineText(command)}\n`).join('');
}
