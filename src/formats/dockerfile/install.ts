import { packageName, path } from './escape.js';
import { PIP, poetryPackages, poetryProject } from './poetry.js';
import { downloadStep } from './run.js';
import type { DockerfileDependencies, DockerfileValues } from './values.js';

/** What installs dependencies, in the build stage alone. Newest releases of November 2026 that PyPI can install. */
const TOOLS = {
  uv: 'uv==0.13.8',
  poetry: 'poetry==2.5.1 poetry-plugin-export==1.10.1',
  pdm: 'pdm[locked]==2.29.3',
  pip: 'pip==26.3',
} as const;

/** What bare metal runs beside the locked packages, where these do not hold it. */
const GUNICORN = { gunicorn: '27.0.1', 'uvicorn-worker': '0.4.0' } as const;

const ENVIRONMENTS = {
  uv: 'ENV UV_LINK_MODE=copy UV_NO_DEV=1 UV_PROJECT_ENVIRONMENT=/opt/venv UV_PYTHON=python3 UV_PYTHON_DOWNLOADS=never',
  poetry: 'ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 POETRY_NO_INTERACTION=1 VIRTUAL_ENV=/opt/venv',
  pdm: 'ENV PDM_CHECK_UPDATE=0 VIRTUAL_ENV=/opt/venv',
  pip: 'ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1',
} as const;

/** The manager, in an environment of its own that the image never sees. */
export function toolSteps({ dependencies: { manager }, secrets }: DockerfileValues): string[] {
  return [
    ENVIRONMENTS[manager],
    'RUN python3 -m venv /opt/build && python3 -m venv --without-pip /opt/venv',
    downloadStep(`/opt/build/bin/pip install ${TOOLS[manager]}`, { secrets }),
  ];
}

/** The locked packages alone, so that a change of code installs nothing again. */
export function dependencySteps(values: DockerfileValues): string[] {
  const { dependencies, secrets } = values;
  const files = [dependencies.lock, ...dependencies.files];
  const early =
    dependencies.manager === 'pip' && dependencies.members.length > 0 ? [] : [dependencyCommand(dependencies)];
  return [
    ...early.map((command) => downloadStep(command, { files, secrets })),
    ...(early.length > 0 ? serverSteps(values) : []),
  ];
}

/** The project and what it needs from folders beside it, once the code is there. */
export function projectSteps(values: DockerfileValues): string[] {
  const { dependencies, secrets } = values;
  if (!needsCode(dependencies)) return [];
  const late = downloadStep(projectCommand(dependencies), { secrets });
  return [late, ...(dependencies.manager === 'pip' ? serverSteps(values) : [])];
}

function dependencyCommand(dependencies: DockerfileDependencies): string | string[] {
  const { manager } = dependencies;
  if (manager === 'poetry') return poetryPackages(dependencies);
  if (manager === 'pdm') return '/opt/build/bin/pdm install --check --prod --no-self';
  if (manager === 'pip') return pipCommand(dependencies);
  // Whether the lock is up to date can only be told with every member there: the project's own step does.
  const check = needsCode(dependencies) ? '--frozen --no-install-local' : '--locked';
  return `/opt/build/bin/uv sync ${check}${onePackage(dependencies)}`;
}

function projectCommand(dependencies: DockerfileDependencies): string | string[] {
  const { manager, project } = dependencies;
  if (manager === 'poetry') return poetryProject(dependencies);
  if (manager === 'pdm') return `/opt/build/bin/pdm install --check --prod --no-editable${project ? '' : ' --no-self'}`;
  if (manager === 'pip') return pipCommand(dependencies);
  return `/opt/build/bin/uv sync --locked --no-editable --inexact${onePackage(dependencies)}`;
}

function needsCode({ project, members, direct, package: member }: DockerfileDependencies): boolean {
  return project || direct === true || members.length > 0 || member !== undefined;
}

function onePackage(dependencies: DockerfileDependencies): string {
  return dependencies.package === undefined ? '' : ` --package ${packageName(dependencies.package)}`;
}

function pipCommand({ lock, hashes }: DockerfileDependencies): string {
  return `${PIP} install --no-compile${hashes ? ' --require-hashes' : ''} -r ${path(lock)}`;
}

/** Gunicorn and its worker, held to the versions that are installed already. */
function serverSteps({ flavour, locked, secrets }: DockerfileValues): string[] {
  const missing = Object.entries(GUNICORN).filter(([name]) => locked[name] === undefined);
  if (flavour === 'uvicorn' || missing.length === 0) return [];
  const packages = missing.map(([name, version]) => `${name}==${version}`).join(' ');
  return [
    `RUN ${PIP} list --format=freeze > /opt/build/constraints.txt`,
    downloadStep(`${PIP} install --no-compile -c /opt/build/constraints.txt ${packages}`, { secrets }),
  ];
}
