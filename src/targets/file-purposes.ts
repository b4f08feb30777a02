import type { IConstruct } from 'constructs';
import { configFilesOf, runningOf, volumesOf } from '../model/tree.js';
import type { Stack } from '../model/stack.js';
import { withFiles } from './subject.js';

/** What files are for that several targets write, by their paths; `*` is any folder. */
const PURPOSES: Readonly<Record<string, string>> = {
  'README.md': 'every command for whoever operates this, and what to look at when it fails',
  '.gitignore': 'keeps values of secrets and backups out of repositories',
  'nginx/nginx.conf': 'the edge: hosts, limits, timeouts and headers',
  '*/Dockerfile': 'builds the image of the app',
  '*/Dockerfile.dockerignore': 'keeps out of that build what no image needs or may hold',
  '*/gunicorn.conf.py': 'how Gunicorn starts, watches and ends its workers',
  'runtime/start.py': 'the start shim, PID 1 of each container',
  'runtime/health.py': 'the health check, without curl in the image',
  'runtime/schedule.py': 'the scheduler of what runs by the clock',
  'runtime/edge.sh': 'runs nginx, takes certificates over, and takes leave of clients before it stops',
  '*/logging.json': 'how the app and its server log',
  'runtime/logs.py': 'makes each log record a line of JSON',
  'runtime/static.sh': 'runs an nginx with static files, and takes leave of clients before it stops',
  'runtime/acme.py': 'gets and renews the certificate',
  'files/*': 'a text of yours, which containers find at its path',
  'jobs/*': 'a job, as a stack of its own that ends',
};

/** The same in a folder for static files. */
const FOR_STATIC: Readonly<Record<string, string>> = {
  Dockerfile: 'builds the image of nginx with the static files of the app',
  'nginx.conf': 'how the static files of the app are answered: types, and how long clients keep them',
};

/** What an output file is for, in a few words; undefined where nobody knows. `own` are the files that a target has alone. */
export function filePurpose(path: string, stack: Stack, own: Readonly<Record<string, string>>): string | undefined {
  const [folder = '', name = ''] = path.split('/');
  const ofFiles = withFiles(folder, stack) && FOR_STATIC[name];
  return (
    ofFiles ??
    own[path] ??
    PURPOSES[path] ??
    PURPOSES[`*/${name}`] ??
    PURPOSES[`${folder}/*`] ??
    manifestPurpose(path, stack)
  );
}

/** A file of a cluster is what one construct is there. */
function manifestPurpose(path: string, stack: Stack): string | undefined {
  const id = path.replace(/\.yaml$/, '');
  const constructs: IConstruct[] = [...runningOf(stack), ...volumesOf(stack), ...configFilesOf(stack)];
  const own = constructs.find(({ node }) => node.id === id);
  if (own) return `everything that ${own.node.path} is in the cluster`;
  const app = withFiles(id, stack);
  if (app) return `the nginx with the static files of ${app.node.path}`;
  return id === 'nginx' ? 'the edge: an nginx of ours, and what leads to it' : undefined;
}
