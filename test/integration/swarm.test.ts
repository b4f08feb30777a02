import { existsSync } from 'node:fs';
import { release } from 'node:os';
import { describe, expect, test } from 'vitest';
import { conformance } from '../conformance.js';
import { swarmEngine, type SwarmManager } from '../harness/engines.js';
import {
  containerStates,
  docker,
  dockerLines,
  runningContainers,
  tell,
  toldByContainers,
  toldByImage,
} from '../harness/running/docker.js';
import type { Output } from '../harness/running/output.js';
import type { Platform } from '../harness/running/platform.js';
import { labelling, swarmPlacement } from '../harness/running/placement.js';
import { Project } from '../harness/running/project.js';
import { RunningStack } from '../harness/running/running-stack.js';
import { waitFor } from '../harness/wait.js';
import { inTurn } from '../harness/turn.js';
import { stacks } from '../stacks.js';

/** Swarm's routing mesh and virtual addresses are IPVS; the engine loads the module when there is one. */
const ROUTING_MESH = existsSync('/proc/net/ip_vs') || existsSync(`/lib/modules/${release()}/kernel/net/netfilter/ipvs`);

conformance('swarm', openSwarm);
stacks('swarm', openSwarm);

describe('a stack without an edge of its own on swarm', () => {
  const env = { CONFORMANCE_PORT: '18079' };

  test('is taken by docker stack', async () => {
    const engine = await swarmEngine();
    using project = new Project('test/fixtures/stacks/no-edge.ts', engine);
    const output = await project.synth('swarm', { env: { ...env, CONFORMANCE_REGISTRY: engine.registry } });
    const { stdout, stderr } = await output.shell(['docker stack config --compose-file stack.yaml'], engine);
    expect(stdout).toMatch(/mode: ingress\n\s+target: 8000\n\s+published: 18079/);
    expect(stderr).toBe('');
  });

  test.skipIf(!ROUTING_MESH)(
    `answers on every node (${ROUTING_MESH ? 'through the routing mesh' : 'not here: this kernel has no IPVS, without which Swarm has no routing mesh'})`,
    async () => {
      const platform = await openSwarm();
      using project = new Project('test/fixtures/stacks/no-edge.ts', platform.engine);
      const output = await project.synth('swarm', { env: { ...env, CONFORMANCE_REGISTRY: platform.engine.registry } });
      await platform.build(output, {});
      try {
        await platform.start(output, {});
        const running = new RunningStack(platform, output, 'localhost');
        await running.find();
        expect(running.addresses).toHaveLength(3);
        expect(await running.answering(2)).toHaveLength(2);
      } finally {
        await platform.remove(output);
      }
    },
  );
});

async function openSwarm(): Promise<Platform> {
  const engine = await swarmEngine();
  const [manager] = engine.managers as [SwarmManager];
  const operator = { env: engine.env, machine: manager };
  const swarm = { host: manager.host, env: engine.env };
  const nodes = engine.managers.map(({ host }) => ({ host, env: engine.env }));

  const deploy = async (output: Output) => {
    const { stdout } = await output.follow('Deploy and update', operator);
    return stdout;
  };
  const update = async (output: Output) => {
    const stdout = await deploy(output);
    if (output.text.includes('curl')) expect(stdout).toMatch(/^HTTP\/(1\.1|2) 200 /m);
    expect(stdout).not.toMatch(/rollback|paused/);
  };
  const remains = async ({ name }: Output) => {
    const kinds = ['service', 'config', 'network'];
    const own = ['--filter', `label=com.docker.stack.namespace=${name}`];
    const found = await Promise.all([
      ...kinds.map((kind) => dockerLines(swarm, kind, 'ls', ...own, '--format', `${kind} {{.Name}}`)),
      dockerLines(swarm, 'secret', 'ls', '--filter', `label=asgi-synth.stack=${name}`, '--format', 'secret {{.Name}}'),
      ...nodes.map((node) => dockerLines(node, 'ps', '--all', ...own, '--format', 'container {{.Names}}')),
    ]);
    return found.flat();
  };

  return {
    target: 'swarm',
    engine,
    builderEnv: engine.builder.env,
    build: (output, secrets) =>
      inTurn('the builder', async () => {
        await output.follow('Build', { env: { ...engine.builder.env, ...secrets } });
      }),
    place: (wish) => swarmPlacement(swarm, engine, wish),
    async start(output, secrets) {
      if (output.has('Secrets')) await output.follow('Secrets', { ...operator, env: { ...engine.env, ...secrets } });
      if (output.has('Volumes'))
        await labelling(async () => {
          await output.follow('Volumes', { ...operator, fill: { NODE: engine.managers.at(-1)!.name } });
        });
      await update(output);
    },
    update,
    replace: async ({ name }, app) =>
      void (await docker(swarm, 'service', 'update', '--force', '--detach=false', `${name}_${app}`)),
    // The node that has the volumes is a manager as well.
    operate: async (output, heading) =>
      void (await output.follow(heading, { env: { ...engine.env, DOCKER_HOST: nodes.at(-1)!.host } })),
    async refuse(broken) {
      const stdout = await deploy(broken);
      expect(stdout).toContain('rollback_completed');
      return stdout
        .split('\n')
        .filter((line) => line.includes('rollback_completed'))
        .join(', ');
    },
    async remove(output) {
      // Docker refuses to remove configs that are in use.
      await output.follow('Prune', { ...operator, carryOn: true, check: false });
      await output.follow('Remove', operator);
      await waitFor('the containers to be gone', async () => (await remains(output)).length === 0, { seconds: 120 });
      // Volumes stay on their node, as the README says.
      const kept = await Promise.all(
        nodes.map((node) =>
          dockerLines(node, 'volume', 'ls', '--quiet', '--filter', `label=asgi-synth.stack=${output.name}`),
        ),
      );
      const told = (where: string) =>
        new RegExp(`${where}: \`docker volume rm ([^\`]*)\``).exec(output.text)?.[1]?.split(' ') ?? [];
      const [volumes, everywhere] = [told('On those nodes'), told('On every node')];
      const expected = nodes.map((node) => [...(node === nodes.at(-1) ? volumes : []), ...everywhere].toSorted());
      expect(kept.map((each) => each.toSorted())).toEqual(expected);
      for (const [index, each] of expected.entries())
        if (each.length > 0) await docker(nodes[index]!, 'volume', 'rm', ...each);
    },
    remains,
    entrances: async ({ name }, scheme = 'http') => {
      const services = await dockerLines(swarm, 'stack', 'services', '--quiet', name);
      const ports = await dockerLines(
        swarm,
        'service',
        'inspect',
        '--format',
        '{{range .Endpoint.Spec.Ports}}{{if eq .Protocol "tcp"}}{{println .TargetPort .PublishedPort}}{{end}}{{end}}',
        ...services,
      );
      const wanted = ports
        .map((line) => line.split(' '))
        .filter(([inside = '', port]) => port !== undefined && (inside === '8443') === (scheme === 'https'));
      return wanted.flatMap(([, port]) => engine.managers.map(({ address }) => `${address}:${port}`));
    },
    async containers({ name }, app) {
      const all = (await Promise.all(nodes.map((node) => runningContainers(node, name)))).flat();
      return all.filter((container) => app === undefined || container.app === app);
    },
    async told(output) {
      const services = await dockerLines(swarm, 'stack', 'services', '--quiet', output.name);
      const tasks = await dockerLines(swarm, 'stack', 'ps', '--quiet', '--no-trunc', output.name);
      const listed = await remains(output);
      return Promise.all([
        tell('docker inspect of the services', swarm, ['service', 'inspect', ...services]),
        tell('docker inspect of the tasks', swarm, ['inspect', '--type', 'task', ...tasks]),
        ...services.map((service) => tell(`logs of service ${service}`, swarm, ['service', 'logs', '--raw', service])),
        ...listed
          .filter((line) => /^(config|network|secret)/.test(line))
          .map((line) => tell(line, swarm, [line.split(' ')[0]!, 'inspect', line.split(' ')[1]!])),
        ...(
          await Promise.all([
            ...nodes.map((node) => toldByContainers(node, output.name)),
            ...output.images().map((image) => toldByImage(engine.builder, image)),
          ])
        ).flat(),
      ]);
    },
    async state({ name }) {
      const tasks = await tell('', swarm, [
        'stack',
        'ps',
        '--no-trunc',
        '--format',
        '{{.Name}} on {{.Node}}: {{.CurrentState}} {{.Error}}',
        name,
      ]);
      const containers = await Promise.all(nodes.map((node) => containerStates(node, name)));
      return [tasks.text.trim(), ...containers].filter(Boolean).join('\n');
    },
  };
}
