import { MOUNTS } from './containers.js';
import { IMAGE_REASONS } from './image-reasons.js';
import { NGINX_REASONS } from './nginx-reasons.js';
import { DOCKER_OBSERVABILITY_REASONS, OBSERVABILITY_REASONS, REQUEST_REASONS } from './observability-reasons.js';
import { isOwnLabel, together, type Reasons } from './reasons.js';
import { STATIC_REASONS } from './static-reasons.js';
import { WORD_REASONS } from './words-reasons.js';

const COMPOSE = 'https://docs.docker.com/reference/compose-file';

const SERVICES: Reasons = {
  head: { why: 'says what made the file and how to remake it' },
  services: { why: 'what runs' },
  'services.AsgiApp': { why: 'the app', from: ['source', 'image'] },
  'services.Edge': { why: 'nginx, the edge: what takes requests from outside', from: ['Stack.edge'] },
  'services.*': { why: 'what the construct is here' },
  'services.AsgiApp.image': {
    why: 'the image that is built from the source, tagged by a hash of what goes into it; or the one that is named',
    from: ['source', 'image', 'Stack.registry'],
  },
  'services.Worker|Job|Schedule.image': { why: 'the image of its app', from: ['app'] },
  'services.*.image': {
    why: 'by full version, and by digest where the lock file has one',
    from: ['Stack.images', 'version'],
  },
  'services.*.entrypoint': { why: 'what the command runs under' },
  'services.*.command': { why: 'what is run' },
  'services.Postgres|Redis.user': {
    why: 'the server’s own user in the official image, to whom the volume and the password belong',
  },
  'services.*.user': {
    why: 'no root: uid and gid 10001, whatever the image says',
    source: `${COMPOSE}/services/#user`,
  },
  'services.*.read_only': {
    why: 'whoever breaks in can change nothing; what has to be written goes to /tmp or a volume',
    source: `${COMPOSE}/services/#read_only`,
  },
  'services.*.cap_drop.[]': {
    why: 'no capability of root: nothing here needs one',
    source: `${COMPOSE}/services/#cap_drop`,
  },
  'services.*.security_opt.[]': {
    why: 'no program gains rights by its setuid bit',
    source: `${COMPOSE}/services/#security_opt`,
  },
  'services.Postgres.environment.*': {
    why: 'what the entry point of the official image makes the database from; the password comes from a file',
    from: ['database', 'user'],
    source: 'https://hub.docker.com/_/postgres',
  },
  'services.*.environment.*': { why: 'a variable of the app, or of what runs beside it', from: ['environment', 'app'] },
  'services.*.configs.[].source|target': {
    why: 'a file of ours, mounted read-only: it fits a ready image and an own Dockerfile too',
    source: `${COMPOSE}/services/#configs`,
    when: ({ value = '' }) => !value.startsWith('file_') && (!value.startsWith('/') || value.startsWith(MOUNTS)),
  },
  'services.*.configs.[].source|target|uid|gid|mode': {
    why: 'a text of yours, mounted read-only at its path',
    from: ['files'],
    source: `${COMPOSE}/services/#configs`,
  },
  'services.Edge.secrets.[].*': { why: 'the certificate and its key, which reach the edge alone', from: ['Stack.tls'] },
  'services.Postgres|Redis.secrets.[].*': {
    why: 'the password, as a file that the server alone can read',
    from: ['password'],
  },
  'services.*.secrets.[].*': {
    why: 'a file below /run/secrets that uid 10001 alone can read',
    from: ['secrets', 'connections', 'app'],
    source: `${COMPOSE}/services/#secrets`,
  },
  'services.*.volumes.[].source': { why: 'what is mounted', from: ['volumes', 'app'] },
  'services.*.volumes.[].target|type': {
    why: 'a folder in memory: the root is read-only, and what is written here goes with the container',
    when: ({ value }) => value === '/tmp' || value === 'tmpfs',
  },
  'services.*.volumes.[].type': { why: 'a volume, which stays, or a folder of the machine' },
  'services.*.volumes.[].target': { why: 'where it is mounted', from: ['volumes', 'app'] },
  'services.*.volumes.[].tmpfs.size': {
    why: 'bytes in memory: uploads are spooled there, four of the largest body at least',
    from: ['bodyLimit', 'routes'],
  },
  'services.*.volumes.[].tmpfs.mode': { why: '1777: everybody may write, nobody may take away what is not his' },
  'services.*.volumes.[].read_only|bind': { why: 'the folder of the configuration, which nginx only reads' },
  'services.*.volumes.[].bind.create_host_path': {
    why: 'a folder that is not there is an error, not an empty folder of root’s',
  },
  'services.*.ports.[].target': { why: 'the port inside the container' },
  'services.Edge.ports.[].published|host_ip': {
    why: 'the port on the host, at which the world asks',
    from: ['Stack.httpPort', 'Stack.httpsPort', 'Stack.tls'],
  },
  'services.*.ports.[].published|host_ip': {
    why: 'the port of the app itself, since there is no edge',
    from: ['Stack.edge', 'Stack.httpPort', 'port'],
  },
  'services.Edge.ports.[].protocol': {
    why: 'TCP for HTTP/1.1 and HTTP/2; UDP beside it for HTTP/3, where the stack wants that',
    from: ['Stack.tls'],
  },
  'services.*.ports.[].protocol': { why: 'TCP: the app speaks no HTTP/3' },
  'services.*.networks.default': { why: 'the network of the stack, on which its parts find each other by name' },
  'services.*.networks.edge.**': {
    why: 'the network of the edge that is there already, and the name under which it finds the app',
    from: ['Stack.edge'],
  },
  'services.Worker|Job|Schedule.healthcheck.disable': {
    why: 'no check: it is well while its command runs, and a check of the image is not meant for it',
    from: ['health'],
  },
  'services.*.healthcheck.interval': {
    why: 'seconds between two checks; short, so that an update goes on at once',
    source: `${COMPOSE}/services/#healthcheck`,
  },
  'services.*.healthcheck.timeout': { why: 'a check that takes longer has failed' },
  'services.*.healthcheck.retries': { why: 'failures in a row after which the container is unhealthy' },
  'services.*.healthcheck.start_period': {
    why: 'seconds in which a failure does not count, since it still starts',
    from: ['health'],
  },
  'services.Postgres.stop_signal': {
    why: 'SIGINT is a fast shutdown: SIGTERM would wait for the last client to leave',
    source: 'https://www.postgresql.org/docs/current/server-shutdown.html',
  },
  'services.Edge|Static.stop_signal': {
    why: 'SIGQUIT: nginx finishes what it has begun',
    source: 'https://nginx.org/en/docs/control.html',
  },
  'services.*.stop_signal': { why: 'asks to end, after which the rest of the grace period is for finishing' },
  'services.AsgiApp.stop_grace_period': {
    why: 'seconds from the stop signal until the engine kills: the drain, the graceful time and the end of the process fit in',
    from: ['requestTimeout', 'routes'],
    link: 'stopGrace',
    source: `${COMPOSE}/services/#stop_grace_period`,
  },
  'services.Postgres|Redis.stop_grace_period': { why: 'seconds for a last checkpoint' },
  'services.Edge.stop_grace_period': {
    why: 'seconds for the longest request, and for nginx itself to end',
    from: ['AsgiApp.requestTimeout', 'AsgiApp.routes'],
  },
  'services.*.stop_grace_period': { why: 'seconds from SIGTERM until it is killed', from: ['gracePeriod'] },
  'services.*.logging.driver|options': { why: 'files that docker logs reads' },
  'services.*.logging.options.max-file|max-size': {
    why: '30 MB of logs at most: they cannot fill the disk',
    source: 'https://docs.docker.com/engine/logging/drivers/json-file/',
  },
  'services.*.deploy.resources.limits.pids': {
    why: 'processes and threads: 128 a process and some to spare; a bomb of forks stays inside',
    from: ['processes', 'maxConnections'],
  },
  '**.labels."asgi-synth.stack"': {
    why: 'says to which deployment it belongs, so that two stages never touch each other',
    from: ['Stack.name'],
  },
  '**.labels."asgi-synth.app"': { why: 'says what it belongs to', from: ['id'] },
  '**.labels."asgi-synth.database"': { why: 'says to which database it belongs', from: ['id'] },
  '**.labels.*': { why: 'a label of yours, which every object has', from: ['Stack.labels'], when: isOwnLabel },
};

const BESIDE: Reasons = {
  networks: { why: 'what the parts find each other on' },
  'networks.edge.**': { why: 'the network of an edge that is there already', from: ['Stack.edge'] },
  volumes: { why: 'what stays when containers go' },
  'volumes.*.name': {
    why: 'with the name of the deployment, so that two stages never share one',
    from: ['Stack.name', 'id'],
  },
  'volumes.*.driver': { why: 'who keeps it', from: ['driver'] },
  'volumes.*.driver_opts.*': { why: 'an option of the driver', from: ['driverOptions'] },
  'volumes.Schedule.*': { why: 'where the scheduler remembers the last tick' },
  configs: { why: 'files that are mounted read-only' },
  'configs.start.file': { why: 'the start shim' },
  'configs.health.file': { why: 'the health check' },
  'configs.schedule.file': { why: 'the scheduler' },
  'configs.ConfigFile.file': { why: 'a text of yours', from: ['file', 'content'] },
  secrets: { why: 'what containers get as files below /run/secrets' },
};

/** Why each place is there in what Docker Compose and a Swarm write alike. The target's own reasons go before. */
export const DOCKER_REASONS: Reasons = together(
  DOCKER_OBSERVABILITY_REASONS,
  OBSERVABILITY_REASONS,
  REQUEST_REASONS,
  WORD_REASONS,
  SERVICES,
  BESIDE,
  NGINX_REASONS,
  IMAGE_REASONS,
  STATIC_REASONS,
);
