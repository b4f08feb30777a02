import type { Reasons } from './reasons.js';

const READS_PYPI = 'https://docs.docker.com/build/cache/optimize/#use-cache-mounts';

/** Why each instruction of a Dockerfile of ours is there. */
export const IMAGE_REASONS: Reasons = {
  'Dockerfile.build.FROM': {
    why: 'the stage that installs: compilers, caches and tools of it never reach the image that runs',
    from: ['source', 'build', 'Stack.images'],
    source: 'https://docs.docker.com/build/building/multi-stage/',
  },
  'Dockerfile.build.ARG.*': { why: 'an argument that the steps of the build may read', from: ['build'] },
  'Dockerfile.*.RUN.apt-get': { why: 'system packages that the app asks for, without lists and logs', from: ['build'] },
  'Dockerfile.*.WORKDIR': { why: 'the folder of the code, the first place that Python imports from' },
  'Dockerfile.build.ENV.*': {
    why: 'settings of the package manager: no links into its cache, no development packages, the Python of the image',
    from: ['source'],
  },
  'Dockerfile.build.RUN.venv': {
    why: 'two virtual environments: one for what installs, one for what runs and is copied',
  },
  'Dockerfile.build.RUN.tool': {
    why: 'the package manager itself, which the image that runs does not need',
    from: ['source'],
  },
  'Dockerfile.build.RUN."--mount=cache"': {
    why: 'keeps what was downloaded for the next build, outside of the image',
    source: READS_PYPI,
  },
  'Dockerfile.build.RUN."--mount=bind"': {
    why: 'shows the step the lock file alone, so that changed code does not install anew',
    from: ['source'],
  },
  'Dockerfile.build.RUN."--mount=secret"': {
    why: 'a secret that this step reads and no layer keeps',
    from: ['build'],
    source: 'https://docs.docker.com/build/building/secrets/',
  },
  'Dockerfile.build.RUN.freeze': { why: 'the locked versions, which Gunicorn must not change' },
  'Dockerfile.build.RUN.server': {
    why: 'Gunicorn and uvicorn-worker, where the lock file has none: a layer of ours, constrained to the locked versions',
    from: ['source'],
  },
  'Dockerfile.build.RUN.install': {
    why: 'the locked dependencies, exactly as the lock file has them',
    from: ['source'],
  },
  'Dockerfile.build.RUN.compileall': {
    why: 'bytecode, made once here: at run time the root is read-only and each start would compile anew',
  },
  'Dockerfile.build.COPY.sources': {
    why: 'the code, after the dependencies, so that a changed line costs this layer alone',
    from: ['source'],
  },
  'Dockerfile.build.RUN.chmod': { why: 'lets uid 10001 read what the machine of the build gave to its own user alone' },
  'Dockerfile.run.FROM': { why: 'the image that runs, begun afresh', from: ['source', 'build', 'Stack.images'] },
  'Dockerfile.run.RUN.library': { why: 'bytecode of the standard library, which the official image leaves out' },
  'Dockerfile.run.RUN.passwd': { why: 'a name for uid 10001: libraries that ask who they are fail without one' },
  'Dockerfile.run.RUN.folder': {
    why: 'the place of a volume, owned by uid 10001: a volume that is new takes that over',
    from: ['volumes'],
  },
  'Dockerfile.run.ENV.HOME': {
    why: 'a home that can be written, the packages before those of the system, logs at once and a traceback of a crash',
  },
  'Dockerfile.run.ENV.PYTHONPATH': {
    why: 'the folder of the package, where it is not the folder of the project',
    from: ['source'],
  },
  'Dockerfile.run.COPY."/opt/venv"': { why: 'what was installed' },
  'Dockerfile.run.COPY."/app"': { why: 'the code', from: ['source'] },
  'Dockerfile.run.USER': { why: 'no root, also where nobody says so at run time' },
  'Dockerfile.run.EXPOSE': { why: 'tells tools and people the port', from: ['port'] },
  'Dockerfile.run.HEALTHCHECK': {
    why: 'none in the image: the stack has the check, and a one-off command must not be ended for not serving',
  },
  'Dockerfile.run.CMD': {
    why: 'for whoever runs the image by hand; the stack gives its own command',
    from: ['module', 'factory', 'port'],
  },
  'Dockerfile.head': { why: 'says what made the file and how to remake it; no part of the tag of the image' },

  '"Dockerfile.dockerignore".text': {
    why: 'keeps out of the build what no image needs or may hold: caches, environments, secrets, outputs',
    source: 'https://docs.docker.com/build/concepts/context/#dockerignore-files',
  },
  '".gitignore".text': { why: 'values of secrets and backups, which no repository may hold' },
  '"start.py".text': {
    why: 'the start shim, PID 1 of a container: passes signals on after the drain, sets variables from secrets, waits for databases. Alike in every stack',
  },
  '"health.py".text': { why: 'the health check, without curl in the image. Alike in every stack' },
  '"schedule.py".text': { why: 'the scheduler of one container, where the engine has no clock. Alike in every stack' },
  '"edge.sh"|"static.sh".text': { why: 'runs nginx, and tells clients and balancers to go elsewhere before it stops' },
  '**."start.sh".text': { why: 'runs nginx once the name server of the cluster is known and answers' },
  '"README.md".**': { why: 'the page of whoever operates this: every command, and what to look at when it fails' },
  file: { why: 'a text of yours, byte for byte', from: ['file', 'content'] },
};
