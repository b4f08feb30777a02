import { code } from '../formats/markdown.js';
import { defaultsOf } from '../model/defaults.js';
import type { Redis } from '../model/redis.js';
import { givenThirdParty, shellWord, type Context } from './context.js';
import { alone, MEBIBYTE, type DatabaseCare, type DatabaseContainer } from './database-container.js';

const DATA = '/data';
const USERS = '/tmp/users.acl';

export function redisContainer(redis: Redis, context: Context): DatabaseContainer {
  return {
    image: givenThirdParty('redis', defaultsOf(context.stack).images.redis[redis.version], context),
    entrypoint: [...alone(DATA), 'sh', '-euc', startScript(redis), 'redis'],
    command: [
      'redis-server',
      ...['--dir', DATA],
      ...['--aclfile', USERS],
      ...['--appendonly', 'yes'],
      // The file of changes has everything; a snapshot beside it would only cost time.
      ...['--save', ''],
      // The half is left for the rewriting of that file, which may double what the server takes.
      ...['--maxmemory', `${Math.floor(redis.memory / 2 / MEBIBYTE)}mb`],
      ...['--maxmemory-policy', redis.evict ? 'allkeys-lru' : 'noeviction'],
    ],
    user: 999,
    environment: {},
    data: DATA,
    temporary: { '/tmp': 16 * MEBIBYTE },
    // A user who may ask for nothing else, so that the check needs no password. An answer that the server still loads is a failure.
    health: ['redis-cli', '-e', '--user', 'health', '--pass', 'health', '--no-auth-warning', 'ping'],
    stopSignal: 'SIGTERM',
    pids: 64,
    care: care(redis),
  };
}

/** Tells the server the hash of the password, which then is in no command line, no variable and no file but its own. */
function startScript({ password }: Redis): string {
  const { id } = password.node;
  return [
    `password=$(cat /run/secrets/${id})`,
    `: "\${password:?the secret ${id} is empty}"`,
    'hash=$(printf %s "$password" | sha256sum)',
    `printf 'user default on #%s ~* &* +@all\\nuser health on nopass +ping\\n' "\${hash%% *}" > ${USERS}`,
    'exec "$@"',
  ].join('; ');
}

function care({ node, password }: Redis): DatabaseCare {
  const login = `export REDISCLI_AUTH="$(cat /run/secrets/${password.node.id})"`;
  const inside = (...lines: readonly string[]) => `sh -ec ${shellWord([login, ...lines].join('; '))}`;
  return {
    // Printed at once, it would end with a mark that no server reads.
    save: inside('redis-cli --rdb /data/.save >&2', 'cat /data/.save', 'rm /data/.save'),
    file: `${node.id}.rdb`,
    // The snapshot becomes the base of a new file of changes. What is not whole is refused before anything is replaced.
    restore: inside(
      'cd /data',
      'rm -rf restored',
      'mkdir restored',
      'cat > restored/appendonly.aof.1.base.rdb',
      'redis-check-rdb restored/appendonly.aof.1.base.rdb >&2',
      'echo "file appendonly.aof.1.base.rdb seq 1 type b" > restored/appendonly.aof.manifest',
      'redis-cli -e config set appendonly no',
      'rm -rf appendonlydir',
      'mv restored appendonlydir',
    ),
    restarts: true,
    talk: inside('exec redis-cli'),
    notes: `The password of ${code(node.id)} is that of its secret when it starts: change the secret, then restart it and the apps.`,
  };
}
