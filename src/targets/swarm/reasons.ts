import { DOCKER_REASONS } from '../docker-reasons.js';
import { ACME_REASONS } from '../acme-reasons.js';
import { together, type Reasons } from '../reasons.js';
import { STATIC_SERVICE_REASONS } from '../static-service-reasons.js';

const COMPOSE = 'https://docs.docker.com/reference/compose-file';
const deploy = (key: string) => `${COMPOSE}/deploy/#${key}`;

/** How many, where, and how they are replaced. */
const DEPLOY: Reasons = {
  'services.AsgiApp.deploy.replicas': {
    why: 'tasks of one Uvicorn process each, which the Swarm starts, watches, replaces and spreads',
    from: ['processes'],
    source: deploy('replicas'),
  },
  'services.Worker.deploy.replicas': { why: 'tasks of the worker', from: ['processes'] },
  'services.*.deploy.replicas': { why: 'one, and never two at a time' },
  'services.Edge.deploy.mode': {
    why: 'one on every node: whichever a client asks answers, and sees who asks',
    source: deploy('mode'),
  },
  'services.*.deploy.mode': {
    why: 'as many as are asked for, wherever there is room; a job ends',
    source: deploy('mode'),
  },
  'services.*.deploy.endpoint_mode': {
    why: 'the name leads to the tasks themselves: a virtual address would pin each connection of nginx to one task, and drop idle ones',
    from: ['Stack.edge'],
    source: 'https://github.com/moby/moby/issues/31208',
  },
  'services.*.deploy.resources.limits.cpus': {
    why: 'cores that one task may use',
    from: ['cpu'],
    source: deploy('resources'),
  },
  'services.Edge.deploy.resources.limits.memory': { why: 'of nginx, of which 128M are its /tmp' },
  'services.*.deploy.resources.limits.memory': {
    why: 'of one task; what takes more is killed alone',
    from: ['memory'],
    source: deploy('resources'),
  },
  'services.*.deploy.restart_policy.*': {
    why: 'a task that ends is replaced after two seconds; a job that failed is not',
    source: deploy('restart_policy'),
  },
  'services.AsgiApp.deploy.update_config|rollback_config.parallelism': {
    why: 'a quarter of the tasks at a time, as a Deployment of Kubernetes does',
    from: ['processes'],
    source: deploy('update_config'),
  },
  'services.AsgiApp.deploy.update_config|rollback_config.order': {
    why: 'a new task is healthy before an old one stops: no request is lost',
    source: deploy('update_config'),
  },
  'services.Edge.deploy.update_config|rollback_config.order': { why: 'two containers cannot hold one port of a node' },
  'services.Worker.deploy.update_config|rollback_config.order': {
    why: 'the queue keeps what no worker takes, and there are never more consumers than asked for',
  },
  'services.*.deploy.update_config|rollback_config.order': {
    why: 'never two at a time: two servers on one volume would destroy it, two schedulers would run a tick twice',
  },
  'services.*.deploy.update_config|rollback_config.parallelism': {
    why: 'how many are replaced at a time',
    from: ['processes'],
  },
  'services.*.deploy.update_config|rollback_config.delay': { why: 'seconds between two nodes' },
  'services.*.deploy.update_config.failure_action': {
    why: 'a version that does not become healthy goes back by itself',
    source: deploy('update_config'),
  },
  'services.*.deploy.rollback_config.failure_action': {
    why: 'where the old version fails as well, somebody has to look',
  },
  'services.AsgiApp.deploy.update_config|rollback_config.monitor': {
    why: 'seconds for which a new task is watched: the startup time and all failures of the check fit in',
    from: ['health'],
    source: deploy('update_config'),
  },
  'services.*.deploy.update_config|rollback_config.monitor': {
    why: 'seconds for which a new task is watched',
    from: ['health'],
  },
  'services.*.deploy.update_config|rollback_config.max_failure_ratio': { why: 'one failure is enough' },
  'services.*.deploy.placement.constraints.[]': {
    why: 'only nodes with this label, which `docker node update --label-add` gives: those of `nodeSelector`, and the one that has the volume',
    from: ['nodeSelector', 'volumes', 'app'],
    source: 'https://docs.docker.com/engine/swarm/services/#placement-constraints',
  },
  'services.*.deploy.placement': { why: 'any node: nothing binds it to one' },
};

/** What it has alone. */
const OWN: Reasons = {
  'services.Edge.ports.[].mode': {
    why: 'the port of the node itself: the routing mesh would hide who the client is',
    source: 'https://docs.docker.com/engine/swarm/ingress/#bypass-the-routing-mesh-for-a-swarm-service',
  },
  'services.*.ports.[].mode': { why: 'the routing mesh leads to a task from every node' },
  'networks.default.driver': {
    why: 'reaches over all nodes',
    source: 'https://docs.docker.com/engine/network/drivers/overlay/',
  },
  'networks.default.*': { why: 'the network of the stack, on which a job finds the databases' },
  'networks.default': { why: 'the network of the stack' },
  'configs.*.name': {
    why: 'with a hash of its content: a config cannot be changed, and a changed one rolls what uses it',
    source: 'https://docs.docker.com/engine/swarm/configs/#example-rotate-a-config',
  },
  'configs.nginx.file': { why: 'the configuration of nginx' },
  'configs.edge.file': { why: 'the script that runs nginx and stops it' },
  'secrets.*.name': {
    why: 'with a revision, which synth deploy raises when the value changed; never with a hash, from which it could be guessed',
    from: ['external', 'Stack.name', 'id'],
    source: 'https://docs.docker.com/engine/swarm/secrets/#example-rotate-a-secret',
  },
  'secrets.*.external': { why: 'made before the stack is deployed: its value is in no file' },
};

/** Why each place of the output for a Swarm is there. */
export const swarmReasons: Reasons = together(STATIC_SERVICE_REASONS, ACME_REASONS, DEPLOY, OWN, DOCKER_REASONS);
