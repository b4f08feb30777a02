import {
  comment,
  execForm,
  packageName,
  path,
  quoted,
  reference,
  name as variable,
  whole,
} from './dockerfile/escape.js';
import { dependencySteps, projectSteps, toolSteps } from './dockerfile/install.js';
import type { DockerfileValues } from './dockerfile/values.js';

export type { DockerfileDependencies, DockerfileSecret, DockerfileValues } from './dockerfile/values.js';

/**
 * Text of a Dockerfile that installs locked dependencies in one stage and runs them in another, as uid 10001. It asks for nothing newer
 * than the BuildKit of Engine 20.10: no `# syntax` line, which would pull an image, no heredoc, no `--link`.
 */
export function dockerfile(values: DockerfileValues): string {
  const lines = [...values.header.map(comment), '', ...buildStage(values), '', ...runStage(values), ''];
  return lines.join('\n');
}

/** The stage that installs and compiles: the code is in /app then, its packages are in /opt/venv. */
export function buildStage(values: DockerfileValues): string[] {
  return [
    `FROM ${reference(values.base)} AS build`,
    ...Object.entries(values.arguments).map(([name, value]) => `ARG ${variable(name)}=${quoted(value)}`),
    ...systemPackages(values.systemPackages),
    'WORKDIR /app',
    ...toolSteps(values),
    ...compiled(dependencySteps(values)),
    'COPY . .',
    ...compiled(projectSteps(values)),
    ...compileSteps('/app', 'checked-hash'),
    'RUN chmod -R u=rwX,go=rX /app',
  ];
}

function runStage(values: DockerfileValues): string[] {
  return [
    `FROM ${reference(values.base)}`,
    ...systemPackages(values.systemPackages),
    ...standardLibrary(),
    // Without a name, libraries that ask who they are fail.
    `RUN echo 'app:x:10001:10001::/tmp:/usr/sbin/nologin' >> /etc/passwd && echo 'app:x:10001:' >> /etc/group`,
    ...values.folders.map((folder) => `RUN ${execForm(['install', '-d', '-o', '10001', '-g', '10001', '--', folder])}`),
    'ENV HOME=/tmp PATH=/opt/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONFAULTHANDLER=1 PYTHONUNBUFFERED=1',
    ...(values.importRoot === '.' || values.dependencies.project
      ? []
      : [`ENV PYTHONPATH=/app/${path(values.importRoot)}`]),
    'WORKDIR /app',
    'COPY --from=build /opt/venv /opt/venv',
    `COPY --from=build /app/${values.folder === '.' ? '' : `${path(values.folder)}/`} /app/`,
    'USER 10001:10001',
    `EXPOSE ${whole(values.port)}`,
    '# The stack says how to check a container: a one-off command of this image must not be ended for not serving.',
    'HEALTHCHECK NONE',
    `CMD ${execForm(command(values))}`,
  ];
}

function systemPackages(packages: readonly string[]): string[] {
  if (packages.length === 0) return [];
  return [
    '# hadolint ignore=DL3008',
    'RUN apt-get update \\',
    `    && apt-get install -y --no-install-recommends -- ${packages.map(packageName).join(' ')} \\`,
    '    && rm -rf /var/lib/apt/lists/* /var/log/apt /var/log/dpkg.log /var/cache/ldconfig',
  ];
}

/** Steps that install, and the bytecode of what they installed. */
function compiled(steps: readonly string[]): string[] {
  return steps.length === 0 ? [] : [...steps, ...compileSteps('/opt/venv', 'unchecked-hash')];
}

/** Bytecode by content, not by date, so that it stays right in a copy. What cannot be compiled is nothing that runs. */
function compileSteps(folder: string, validation: 'checked-hash' | 'unchecked-hash'): string[] {
  return [`RUN python3 -m compileall -qq -j 0 --invalidation-mode ${validation} ${folder} || true`];
}

/** The official Python image has no bytecode of the standard library, and nothing could write it later. */
function standardLibrary(): string[] {
  return [
    `RUN library="$(python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')" \\`,
    `    && python3 -m compileall -qq -j 0 --invalidation-mode unchecked-hash \\`,
    `        -x '/(test|tests|idlelib|lib2to3|tkinter|turtledemo|ensurepip|site-packages|dist-packages)/' "$library" || true`,
  ];
}

/** What `docker run` of the image starts; a stack gives its own command. */
function command({ flavour, module, factory, port }: DockerfileValues): string[] {
  if (flavour === 'uvicorn') {
    return ['uvicorn', module, ...(factory ? ['--factory'] : []), '--host', '0.0.0.0', '--port', whole(port)];
  }
  const application = factory ? `${module}()` : module;
  const worker = ['-k', 'uvicorn_worker.UvicornWorker', '--worker-tmp-dir', '/dev/shm', '--no-control-socket'];
  return ['gunicorn', application, '-b', `0.0.0.0:${whole(port)}`, ...worker];
}
