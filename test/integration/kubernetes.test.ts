import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { conformance } from '../conformance.js';
import { kubernetesEngine } from '../harness/engines.js';
import { toldByImage } from '../harness/running/docker.js';
import { kubectl, pods, podStates, runningPods, toldByNamespace, type Namespace } from '../harness/running/kubectl.js';
import type { Output } from '../harness/running/output.js';
import type { Platform } from '../harness/running/platform.js';
import { kubernetesPlacement } from '../harness/running/placement.js';
import { Project } from '../harness/running/project.js';
import { run } from '../harness/process.js';
import { waitFor } from '../harness/wait.js';
import { inTurn } from '../harness/turn.js';
import { stacks } from '../stacks.js';

conformance('kubernetes', openKubernetes);
stacks('kubernetes', openKubernetes);

/** No controller and no network plugin can be had here, so that what they would do is up to them; that the objects are right is not. */
describe('objects that only a controller or a network plugin honours (validated, not run)', () => {
  test.each([
    ['ingress', ['deployment', 'ingress', 'networkpolicy']],
    ['gateway', ['deployment', 'httproute', 'networkpolicy']],
    ['nginx behind an ingress', ['deployment', 'ingress', 'networkpolicy']],
    ['ingress with an issuer', ['deployment', 'ingress', 'networkpolicy']],
    ['gateway over HTTPS', ['deployment', 'httproute', 'networkpolicy']],
  ])('are taken by the API server with Pod Security restricted: %s', async (variant, kinds) => {
    const engine = await kubernetesEngine();
    using project = new Project('test/fixtures/stacks/routes.ts', engine);
    const output = await project.synth('kubernetes', { env: { VARIANT: variant } });
    try {
      await output.shell(['kubectl apply -f namespace.yaml'], engine);
      const { stdout, stderr } = await output.shell(['kubectl apply -k . --dry-run=server'], engine);
      expect(stdout.match(/^[a-z]+/gm)).toEqual(expect.arrayContaining(kinds));
      expect(stderr, 'warnings of the API server').toBe('');
      const refused = await output.shell(['kubectl run root --image root --namespace routes --dry-run=server'], {
        ...engine,
        check: false,
      });
      expect(refused.stderr, 'that the namespace enforces it').toContain('violates PodSecurity "restricted');
    } finally {
      await output.shell(['kubectl delete -f namespace.yaml'], engine);
    }
  });
});

async function openKubernetes(): Promise<Platform> {
  const engine = await kubernetesEngine();
  const operator = { env: engine.env };
  const namespaceOf = ({ name }: Output): Namespace => ({ env: engine.env, name });
  const volumes = new Map<string, readonly string[]>();

  const update = async (output: Output) => void (await output.follow('Deploy and update', operator));
  const remains = async ({ name }: Output) => {
    const { stdout } = await run(
      'kubectl',
      ['get', 'namespace', name, '--ignore-not-found', '--output', 'name'],
      operator,
    );
    return stdout.split('\n').filter(Boolean);
  };

  return {
    target: 'kubernetes',
    engine,
    builderEnv: engine.builder.env,
    build: (output, secrets) =>
      inTurn('the builder', async () => {
        await output.follow('Build', { env: { ...engine.builder.env, ...secrets } });
      }),
    place: (wish) => kubernetesPlacement(engine, wish),
    async start(output, secrets) {
      const claims = output.files().filter(({ text }) => text.includes('kind: "PersistentVolumeClaim"'));
      const added = claims.map(() => `${output.name}-${randomBytes(3).toString('hex')}`);
      volumes.set(output.name, added);
      for (const volume of added) await engine.addVolume(volume);
      if (output.has('Secrets')) await output.follow('Secrets', { env: { ...engine.env, ...secrets } });
      await update(output);
    },
    update,
    async replace(output, app) {
      const deployment = `deployment/${output.name}-${app}`;
      await kubectl(namespaceOf(output), 'rollout', 'restart', deployment);
      await kubectl(namespaceOf(output), 'rollout', 'status', deployment);
    },
    operate: async (output, heading) => void (await output.follow(heading, operator)),
    async refuse(broken, good) {
      // Of the version before, some may have been restarted as well.
      const before = (await pods(namespaceOf(broken))).map(({ metadata }) => metadata.name);
      await broken.shell(['kubectl apply -k .'], operator);
      const failing = await waitFor(
        'the new pods to fail again and again',
        async () => {
          const added = (await pods(namespaceOf(broken))).filter(({ metadata }) => !before.includes(metadata.name));
          const all = added.filter(({ status }) =>
            status.containerStatuses?.some(({ restartCount }) => restartCount >= 2),
          );
          return all.length > 0 && all;
        },
        { seconds: 120 },
      );
      const states = failing.map(
        ({ metadata, status }) => `${metadata.name} restarted ${status.containerStatuses?.[0]?.restartCount} times`,
      );
      await update(good);
      const names = failing.map(({ metadata }) => metadata.name);
      await waitFor(
        'the pods that failed to be gone',
        async () => (await pods(namespaceOf(good))).every(({ metadata }) => !names.includes(metadata.name)),
        { seconds: 120 },
      );
      return states.join(', ');
    },
    async remove(output) {
      await output.follow('Prune', { ...operator, carryOn: true });
      await output.follow('Remove', operator);
      for (const volume of volumes.get(output.name) ?? [])
        await kubectl(namespaceOf(output), 'delete', 'persistentvolume', volume, '--ignore-not-found', '--wait=false');
    },
    remains,
    async entrances(output, scheme = 'http') {
      const fields = [
        'jsonpath={range .items[*]}{.metadata.name} {.spec.type} {.spec.clusterIP}:{.spec.ports[0].port} {.spec.ports[0].nodePort} {.spec.ports[?(@.name=="https")].nodePort}{"\\n"}{end}',
      ];
      const open = ['--selector', 'app.kubernetes.io/component!=database'];
      const services = (await kubectl(namespaceOf(output), 'get', 'services', ...open, '--output', ...fields))
        .split('\n')
        .map((line) => line.split(' '));
      const [balanced] = services.filter(([, type]) => type === 'LoadBalancer');
      if (balanced) return engine.nodes.map(({ address }) => `${address}:${balanced[scheme === 'https' ? 4 : 3]}`);
      // Where only an Ingress would lead to it, the app's own Service is asked: that there is a controller is not ours to show.
      return services.flatMap(([, , address = '']) => (address.startsWith('None') ? [] : [address]));
    },
    async containers(output, app) {
      const all = await runningPods(namespaceOf(output));
      return all.filter((container) => app === undefined || container.app === app);
    },
    async told(output) {
      const images = await Promise.all(output.images().map((image) => toldByImage(engine.builder, image)));
      return [...(await toldByNamespace(namespaceOf(output))), ...images.flat()];
    },
    state: (output) => podStates(namespaceOf(output)),
  };
}
