import { below, together, type Reasons } from './reasons.js';

const SERVICE: Reasons = {
  image: {
    why: 'nginx with the files, tagged by a hash of what goes into it',
    from: ['static', 'source', 'image', 'Stack.registry', 'Stack.images'],
  },
  'build.dockerfile': { why: 'the Dockerfile of the files, from that folder on' },
  'healthcheck.start_period': { why: 'seconds in which a failure does not count, since it still starts' },
  stop_grace_period: { why: 'seconds for a download that goes on, and for nginx itself to end' },
  'volumes.[].tmpfs.size': { why: 'bytes in memory, of which nginx needs few here' },
  'deploy.replicas': { why: 'two: while one is of the new version, the other still has the files of the old one' },
  'deploy.resources.limits.cpus': { why: 'half a core: sending files takes little' },
  'deploy.resources.limits.memory': { why: 'of nginx, of which 16M are its /tmp' },
  'deploy.resources.limits.pids': { why: 'nginx, its worker and what checks it, with room to spare' },
  'deploy.update_config|rollback_config.order': { why: 'a new container is healthy before an old one stops' },
  'deploy.update_config|rollback_config.parallelism': {
    why: 'one after the other, so that old files stay for a while',
  },
  'deploy.update_config|rollback_config.delay': {
    why: 'seconds for which old files can still be had: the app is mostly updated by then',
  },
  'deploy.update_config|rollback_config.monitor': { why: 'seconds for which a new container is watched' },
};

/** Why each place of a service with static files is there where it is not as elsewhere. It goes before what all services have. */
export const STATIC_SERVICE_REASONS: Reasons = together(
  { 'services.Static': { why: 'an nginx with the static files of the app', from: ['static'] } },
  below('services.Static', SERVICE),
  {
    'configs.static.file': { why: 'the script that runs an nginx with static files and stops it' },
    'configs.Static.file': { why: 'the configuration of the nginx with the static files of the app' },
  },
);
