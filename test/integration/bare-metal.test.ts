import { expect } from 'vitest';
import { conformance } from '../conformance.js';
import { dockerEngine } from '../harness/engines.js';
import {
  containerStates,
  dockerLines,
  runningContainers,
  tell,
  toldByContainers,
  toldByImage,
} from '../harness/running/docker.js';
import type { Output } from '../harness/running/output.js';
import type { Platform } from '../harness/running/platform.js';
import { inTurn } from '../harness/turn.js';
import { stacks } from '../stacks.js';

conformance('bare-metal', openBareMetal);
stacks('bare-metal', openBareMetal);

async function openBareMetal(): Promise<Platform> {
  const engine = await dockerEngine();
  const operator = { env: engine.env, machine: engine };
  const update = async (output: Output) => {
    const { stdout } = await output.follow('Start and update', operator);
    expect(stdout).toMatch(/^HTTP\/(1\.1|2) 200 /m);
  };
  const remains = async ({ name }: Output) => {
    const own = ['--filter', `label=com.docker.compose.project=${name}`, '--format'];
    const [containers, networks, volumes] = await Promise.all([
      dockerLines(engine, 'ps', '--all', ...own, 'container {{.Names}}'),
      dockerLines(engine, 'network', 'ls', ...own, 'network {{.Name}}'),
      dockerLines(engine, 'volume', 'ls', ...own, 'volume {{.Name}}'),
    ]);
    return [...containers, ...networks, ...volumes];
  };

  return {
    target: 'bare-metal',
    engine,
    builderEnv: engine.env,
    build: (output, secrets) =>
      inTurn('the builder', async () => {
        await output.follow('Build', { ...operator, env: { ...engine.env, ...secrets } });
      }),
    async start(output, secrets) {
      if (output.has('Secrets')) await output.follow('Secrets', { env: secrets });
      await update(output);
    },
    update,
    replace: async (output, app) =>
      void (await output.shell([`docker compose up -d --wait --force-recreate --no-deps ${app}`], operator)),
    operate: async (output, heading) => void (await output.follow(heading, operator)),
    async refuse(broken, good) {
      await copySecrets(good, broken);
      await expect(update(broken)).rejects.toThrow(/unhealthy|exited|exit code 1/);
      await update(good);
      return 'the command failed, the old output serves again';
    },
    async remove(output) {
      const [keep = '', all] = output.commands('Stop and remove');
      const { stdout: volumes } = await output.shell(['docker compose config --volumes'], operator);
      await output.shell([keep], operator);
      expect((await remains(output)).toSorted()).toEqual(
        volumes
          .trim()
          .split('\n')
          .filter(Boolean)
          .map((volume) => `volume ${output.name}_${volume}`)
          .toSorted(),
      );
      if (all !== undefined) await output.shell([all], operator);
    },
    remains,
    async entrances(output, scheme = 'http') {
      const inside = scheme === 'https' ? 8443 : 8080;
      const { stdout } = await output.shell([`docker compose port nginx ${inside}`], operator);
      return [`${engine.address}:${stdout.trim().split(':').at(-1)}`];
    },
    async containers({ name }, app) {
      const all = await runningContainers(engine, name);
      return all.filter((container) => app === undefined || container.app === app);
    },
    async told(output) {
      return [
        { by: 'docker compose config', text: (await output.shell(['docker compose config'], operator)).stdout },
        ...(await toldByContainers(engine, output.name)),
        ...(await Promise.all(output.images().map((image) => toldByImage(engine, image)))).flat(),
        ...(await Promise.all(
          (await remains(output)).map((line) => tell(line, engine, ['inspect', ...line.split(' ').slice(1)])),
        )),
      ];
    },
    state: ({ name }) => containerStates(engine, name),
  };
}

/** Values are written once, beside the compose.yaml that reads them. */
async function copySecrets(from: Output, to: Output): Promise<void> {
  await to.shell([`cp -a ${from.folder}/secrets .`]);
}
