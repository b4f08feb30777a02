import { AsgiApp } from '../model/app.js';
import { together, type About, type Reasons } from './reasons.js';

const UVICORN = 'https://uvicorn.dev/settings/';

/** Why each word of the start shim is there. Kubernetes has it in the command itself, before `--`. */
const SHIM: Reasons = {
  '**.entrypoint|command.--drain': {
    why: 'seconds between the stop signal and its passing on, in which the balancer lets go of the process; 0 where nobody sends requests, or the engine has waited already',
    link: 'drain',
  },
  '**.entrypoint|command.--secret': {
    why: 'a variable that the shim sets from the file of a secret: no inspect and no manifest shows it',
    from: ['secrets', 'app'],
  },
  '**.entrypoint|command.--url': {
    why: 'the URL of a database, into which the shim puts the password',
    from: ['connections', 'app'],
  },
  '**.entrypoint|command.--wait': {
    why: 'a database that must take connections before the command starts',
    from: ['connections', 'app'],
  },
  '**.entrypoint|command.--wait-seconds': {
    why: 'at most half of the startup time is spent waiting: the rest is the app’s own',
    from: ['health', 'app'],
  },
  '**.entrypoint|command.--limit': { why: 'seconds after which the command has to end', from: ['timeout'] },
  '**.entrypoint|command."start.py"': { why: 'the start shim: PID 1, which passes signals on and reaps orphans' },
};

const SCHEDULER: Reasons = {
  '**.entrypoint.--."schedule.py"': { why: 'the scheduler of ours: this engine has no clock' },
  '**.entrypoint.--.--name': { why: 'the name of the schedule in the log' },
  '**.entrypoint.--.--cron': { why: 'when the command runs', from: ['cron'] },
  '**.entrypoint.--.--zone': { why: 'the time zone of that', from: ['timeZone'] },
  '**.entrypoint.--.--overlap': { why: 'what happens at a tick while the run before is not done', from: ['overlap'] },
  '**.entrypoint.--.--deadline': { why: 'seconds for which a tick that was missed is made up', from: ['deadline'] },
  '**.entrypoint.--.--timeout': { why: 'seconds after which a run has to end', from: ['timeout'] },
  '**.entrypoint.--.--grace': { why: 'seconds from there until it is killed', from: ['gracePeriod'] },
  '**.entrypoint.--.--state': { why: 'where the last tick is remembered, so that none runs twice and none is lost' },
  '**.entrypoint|command.--grace': { why: 'seconds from there until it is killed', from: ['gracePeriod'] },
  '**.entrypoint.--.-I|-S|python3': { why: 'Python, without folders and variables of the user' },
  '**.entrypoint|command.--': { why: 'ends the words of the shim: what follows is started by it' },
  '**.entrypoint.--.--': { why: 'ends the words of the scheduler: the command follows' },
};

/** Why each word of a health check of ours is there. */
const HEALTH: Reasons = {
  '**.test|command."health.py"': {
    why: 'the check of ours: asks readiness until the first success, then liveness',
    from: ['health'],
  },
  '**.test.--port': { why: 'where the app listens', from: ['port'] },
  '**.test|command.--readiness': { why: 'asked until the first success: the app takes requests', from: ['health'] },
  '**.test|command.--liveness': {
    why: 'asked from then on: a database that is away must not get the app killed',
    from: ['health'],
  },
  '**.test.--host': { why: 'a Host that the app answers', from: ['hosts'] },
  '**.test.--timeout': { why: 'seconds for one answer' },
  '**.test.--workers': {
    why: 'every Gunicorn worker must have started before the container is healthy',
    from: ['processes'],
  },
  '**.test.--restart-after': {
    why: 'failures after which the check ends Gunicorn: Compose restarts nothing that is merely unhealthy',
  },
  '**.test.CMD': { why: 'runs the words that follow without a shell' },
};

/** Why each word of the server's command is there. A command of the user's own is a word of theirs. */
const SERVER: Reasons = {
  '**.command.**.uvicorn': { why: 'one Uvicorn process: the orchestrator multiplies, restarts and balances it' },
  '**.command.**.gunicorn': {
    why: 'Gunicorn: on one host nobody else multiplies processes and restarts one that dies',
  },
  '**.command.**.-w': { why: 'workers, one Uvicorn process each', from: ['processes'] },
  '**.AsgiApp.**.command.-c': { why: 'the settings of Gunicorn, mounted into the container' },
  '**.AsgiApp.**.command.**.word': { why: 'import string of the application', from: ['module', 'factory'] },
  '**.command.**.--factory': {
    why: 'the import string names a function that makes the application',
    from: ['factory'],
  },
  '**.AsgiApp.**.command.**.--host': { why: 'every address of the container, whose network the engine guards' },
  '**.AsgiApp.**.command.**.--port': { why: 'where the app listens', from: ['port'] },
  '**.AsgiApp.**.command.**.--workers': {
    why: 'one process, whatever WEB_CONCURRENCY says: a second one would hide crashes from the orchestrator',
    source: UVICORN,
  },
  '**.AsgiApp.**.command.**.--no-access-log': { why: 'the edge logs requests, once' },
  '**.AsgiApp.**.command.**.--no-server-header': { why: 'nobody needs to know the server' },
  '**.AsgiApp.**.command.**.--timeout-keep-alive': {
    why: 'longer than nginx keeps idle connections, so that the app never closes one that is just used',
    link: 'keepAlive',
    source: UVICORN,
  },
  '**.AsgiApp.**.command.**.--timeout-graceful-shutdown': {
    why: 'the app finishes what it has begun',
    from: ['requestTimeout', 'routes'],
    link: 'graceful',
    source: UVICORN,
  },
  '**.AsgiApp.**.command.**.--ws-ping-interval': {
    why: 'a quiet WebSocket shows life before nginx gives up on it',
    from: ['requestTimeout', 'routes'],
    link: 'webSocketPing',
    source: UVICORN,
  },
  '**.AsgiApp.**.command.**.--forwarded-allow-ips': {
    why: 'whose X-Forwarded-* headers the app believes: those of the container network, where the edge is',
    from: ['Stack.edge', 'Stack.trustedProxies'],
    source: UVICORN,
  },
  '**.AsgiApp.**.command.**.--root-path': {
    why: 'the prefix that the edge strips, for links that the app makes',
    from: ['pathPrefix'],
    source: UVICORN,
  },
};

/** Why each word of a database's command is there. */
const DATABASE: Reasons = {
  '**.Postgres|Redis.**.flock|--no-fork': { why: 'holds a lock on the volume: two servers on one would destroy it' },
  '**.Postgres|Redis.**."docker-entrypoint.sh"': { why: 'makes the database where there is none' },
  '**.Postgres|Redis.**.postgres|redis-server|redis-cli|pg_isready': {
    why: 'the server, or the question whether it takes connections',
  },
  '**.Postgres.**.max_connections': {
    why: 'connections at most; synthesis counts the pools of all processes against it',
    from: ['maxConnections'],
    source: 'https://www.postgresql.org/docs/current/runtime-config-connection.html',
  },
  '**.Postgres.**.shared_buffers': {
    why: 'a quarter of the memory',
    from: ['memory'],
    source: 'https://www.postgresql.org/docs/current/runtime-config-resource.html',
  },
  '**.Postgres.**.effective_cache_size': {
    why: 'half of the memory, which the planner may count on',
    from: ['memory'],
    source: 'https://www.postgresql.org/docs/current/runtime-config-query.html',
  },
  '**.Postgres.**.--dbname|--username': { why: 'the database that is asked for', from: ['database', 'user'] },
  '**.Postgres.**.--host': { why: 'over TCP: while a new database is made, a server listens on its socket alone' },
  '**.Redis.**.sh|-euc': {
    why: 'writes the users of the server with the hash of the password, which then is in no command line',
  },
  '**.Redis.**.--dir': { why: 'the volume' },
  '**.Redis.**.--aclfile': { why: 'the users: one with the password, one for the check that may ask for nothing else' },
  '**.Redis.**.--appendonly|--save': {
    why: 'every change is written to one file; snapshots beside it would only cost time',
    source: 'https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/',
  },
  '**.Redis.**.--maxmemory': {
    why: 'half of the memory: the rewriting of the file may take the other half',
    from: ['memory'],
  },
  '**.Redis.**.--maxmemory-policy': { why: 'what happens when that is full', from: ['evict'] },
  '**.Redis.**.--user|--pass|--no-auth-warning|-e': { why: 'the user of the check, who may ask for nothing else' },
  '**.Postgres|Redis.**.entrypoint|command|test|args.word': {
    why: 'the file of the lock, or the word that the check asks with',
  },
};

const EDGE: Reasons = {
  '**.Edge.**.nginx|-e|-p|-c': { why: 'nginx with the configuration of ours, its errors to the log of the container' },
  '**.Edge|Static.**."edge.sh"|"static.sh"|"start.sh"': {
    why: 'runs nginx, and tells clients to go elsewhere before it stops',
  },
  '**.Edge|Static.**.curl|-fsS|-o|word|sh': {
    why: 'asks nginx whether it is alive, or starts it; both are in the official image',
  },
};

/** Commands that run beside an app. */
const TASKS: Reasons = {
  '**.Worker|Job|Schedule.**.command.**.--.*': { why: 'the command that was given', from: ['command'] },
  'services.Worker|Job|Schedule.command.**': { why: 'the command that was given', from: ['command'] },
  '**.Worker.**.healthcheck.test.**': { why: 'the check of a worker, which says itself how it is', from: ['health'] },
};

const INTERPRETER: Reasons = {
  '**.entrypoint|command|test.python3': { why: 'the Python of the image' },
  '**.entrypoint|command|test.-I|-S': { why: 'Python without the folders and variables of the user' },
};

const HAS_OWN = ({ construct }: About) => construct instanceof AsgiApp && construct.command !== undefined;

/** A command of the user's own, whatever its words are. */
const OWN: Reasons = {
  'services.AsgiApp.command.*': { why: 'a word of the command that the stack gives', from: ['command'], when: HAS_OWN },
  'AsgiApp.*.container.command.--.*': {
    why: 'a word of the command that the stack gives',
    from: ['command'],
    when: HAS_OWN,
  },
  'AsgiApp.*.container.command.*': {
    why: 'a word of the command that the stack gives',
    from: ['command'],
    when: (about) => HAS_OWN(about) && !isUnderShim(about.construct as AsgiApp),
  },
};

/** Whether a cluster starts the command of an app under the shim. */
function isUnderShim({ secrets, connections }: AsgiApp): boolean {
  return secrets.some(({ as }) => as === 'environment') || Object.keys(connections).length > 0;
}

/** Why each word of a command is there. */
export const WORD_REASONS: Reasons = together(OWN, DATABASE, EDGE, TASKS, SHIM, SCHEDULER, HEALTH, SERVER, INTERPRETER);
