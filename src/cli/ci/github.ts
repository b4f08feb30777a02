import { scriptBlock, withoutExpressions, workflowText } from '../../formats/pipeline.js';
import { shellWord } from '../../targets/context.js';
import { isOwnRegistry, type PipelineRequest } from './request.js';
import { privateKey, SSH_CONFIG, SYNTH, whereSet } from './shell.js';

/** Actions by full version, each with the commit that its tag names. */
const ACTIONS = {
  checkout: 'actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2',
  node: 'actions/setup-node@53b83947a5a98c8d113130e565377fae1a50d02f # v6.3.0',
} as const;

/** A workflow of GitHub Actions that builds, shows the differences and deploys. */
export function githubWorkflow(request: PipelineRequest): string {
  const { name, target, branch, folder, registry } = request;
  const pushes = target !== 'bare-metal';
  const own = registry === undefined || isOwnRegistry('github', registry);
  return `# Deploys what ${withoutExpressions(request.file).replaceAll(/[^\x20-\x7e]/g, '?')} describes. Written once by synth init --ci github; it is yours to change.
name: deploy

on:
  push:
    branches:
      - ${workflowText(branch)}
  workflow_dispatch:

# Nothing is allowed but what a job asks for.
permissions: {}

# Two deployments never run at once, and none is cut short: the later one waits.
concurrency:
  group: ${workflowText(`deploy-${name}`)}
  cancel-in-progress: false

jobs:
  deploy:
    runs-on: ubuntu-24.04
    timeout-minutes: 60
    # Its secrets, and who has to agree: Settings > Environments > production.
    environment: production
    permissions:
      contents: read
${pushes && own ? '      packages: write # ghcr.io\n' : ''}    defaults:
      run:
        # With pipefail, so that no failure is lost in a pipe.
        shell: bash
${folder === '.' ? '' : `        working-directory: ${workflowText(folder)}\n`}    steps:
      - uses: ${ACTIONS.checkout}
        with:
          persist-credentials: false
      - uses: ${ACTIONS.node}
        with:
          node-version: '24'
      - run: npm ci
${target === 'kubernetes' ? kubeconfig() : ssh()}${pushes ? login(request) : ''}${build(request)}${differences(request)}${deploy(request)}${verify(request)}`;
}

function kubeconfig(): string {
  return `      - name: Let this job into the cluster
        env:
          KUBECONFIG_TEXT: \${{ secrets.KUBECONFIG }}
        run: ${scriptBlock([...whereSet('KUBECONFIG_TEXT'), 'install -d -m 700 ~/.kube', 'printf \'%s\\n\' "$KUBECONFIG_TEXT" > ~/.kube/config', 'chmod 600 ~/.kube/config'], 10)}
`;
}

function ssh(): string {
  const lines = [
    ...whereSet('DEPLOY_HOST', 'SSH_PRIVATE_KEY', 'SSH_KNOWN_HOSTS'),
    'install -d -m 700 ~/.ssh',
    'printf \'%s\\n\' "$SSH_KNOWN_HOSTS" > ~/.ssh/known_hosts',
    ...privateKey('printf \'%s\\n\' "$SSH_PRIVATE_KEY"'),
    ...SSH_CONFIG,
  ];
  return `      - name: Let this job into the server
        env:
          DEPLOY_HOST: \${{ vars.DEPLOY_HOST }}
          SSH_PRIVATE_KEY: \${{ secrets.SSH_PRIVATE_KEY }}
          SSH_KNOWN_HOSTS: \${{ secrets.SSH_KNOWN_HOSTS }}
        run: ${scriptBlock(lines, 10)}
`;
}

function login({ registry }: PipelineRequest): string {
  const host = registry?.split('/')[0] ?? 'ghcr.io';
  const isOwn = registry === undefined || isOwnRegistry('github', registry);
  const [user, password] = isOwn
    ? ['github.actor', 'secrets.GITHUB_TOKEN']
    : ['secrets.REGISTRY_USER', 'secrets.REGISTRY_PASSWORD'];
  return `      - name: Log in to the registry
        env:
          REGISTRY_USER: \${{ ${user} }}
          REGISTRY_PASSWORD: \${{ ${password} }}
        run: ${scriptBlock([`printf '%s' "$REGISTRY_PASSWORD" | docker login ${withoutExpressions(shellWord(host))} --username "$REGISTRY_USER" --password-stdin`], 10)}
`;
}

/** On one host the engine there builds; elsewhere the runner does, and the nodes pull. */
function build(request: PipelineRequest): string {
  const isRemote = request.target === 'bare-metal';
  return `      - name: Build the images that are not there yet
${isRemote ? HOST : ''}        run: ${scriptBlock([`${SYNTH} build ${words(request)}${isRemote ? '' : ' --push'}`], 10)}
`;
}

function differences(request: PipelineRequest): string {
  return `      - name: Show what changes
${request.target === 'kubernetes' ? '' : HOST}        # 1 says that there are differences, more that they could not be found.
        run: ${scriptBlock([`${SYNTH} diff ${words(request)} || [ $? -eq 1 ]`], 10)}
`;
}

const HOST = `        env:
          DOCKER_HOST: \${{ vars.DEPLOY_HOST }}
`;

function deploy(request: PipelineRequest): string {
  const { target, secrets } = request;
  const variables = [
    ...(target === 'kubernetes' ? [] : ['          DOCKER_HOST: ${{ vars.DEPLOY_HOST }}\n']),
    ...secrets.map((name) => `          ${name}: \${{ secrets.${name} }}\n`),
  ].join('');
  return `      - name: Deploy
${variables === '' ? '' : `        env:\n${variables}`}        # 1: it failed, and the old version serves on. 3: nothing serves.
        run: ${scriptBlock([`${SYNTH} deploy ${words(request)} --json | tee -a "$GITHUB_STEP_SUMMARY"`], 10)}
`;
}

function verify(request: PipelineRequest): string {
  return `      - name: Check what runs
${request.target === 'kubernetes' ? '' : HOST}        run: ${scriptBlock([`${SYNTH} verify ${words(request)}`], 10)}
`;
}

function words({ target, file }: PipelineRequest): string {
  return withoutExpressions(`--target ${target} --stack ${shellWord(file)}`);
}
