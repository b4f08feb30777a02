import { expect, test } from 'vitest';
import { AsgiApp } from '../../../../src/model/app.js';
import { Secret, type SecretProps } from '../../../../src/model/secret.js';
import { Stack } from '../../../../src/model/stack.js';
import { Volume, type VolumeProps } from '../../../../src/model/volume.js';
import { allOf, containerOf, filesOf, IMAGE, kindsIn, objectOf, podOf } from './support.js';

function withSecret(props: SecretProps = {}): Stack {
  const stack = new Stack('shop');
  new AsgiApp(stack, 'api', {
    image: IMAGE,
    module: 'main:app',
    health: '/healthz',
    secrets: [new Secret(stack, 'db_password', props)],
  });
  return stack;
}

function withVolume(props: VolumeProps = {}, processes = 3): Stack {
  const stack = new Stack('shop');
  new AsgiApp(stack, 'api', {
    image: IMAGE,
    module: 'main:app',
    processes,
    volumes: { '/data': new Volume(stack, 'data', props) },
  });
  return stack;
}

test('a secret is a file that only the group of the app can read', () => {
  const stack = withSecret();
  expect(podOf(stack).volumes[1]).toEqual({
    name: 'secrets',
    projected: {
      defaultMode: 0o440,
      sources: [{ secret: { name: 'shop-db-password', items: [{ key: 'db_password', path: 'db_password' }] } }],
    },
  });
  expect(containerOf(stack).volumeMounts[1]).toEqual({ name: 'secrets', mountPath: '/run/secrets', readOnly: true });
  expect(podOf(stack).securityContext.fsGroup).toBe(10001);
});

test('a secret is never an object of the output', () => {
  expect(kindsIn(withSecret({ as: 'environment' }))).not.toContain('Secret');
});

test('an external secret goes by the name that it has', () => {
  expect(podOf(withSecret({ external: 'shared.db' })).volumes[1]?.projected.sources[0]?.secret.name).toBe('shared.db');
});

test('a secret becomes a variable inside the container, where no manifest shows it', () => {
  const stack = withSecret({ as: 'environment' });
  expect(containerOf(stack).command.slice(0, 9).join(' ')).toBe(
    'python3 -I -S /etc/asgi-synth/start.py --drain 0 --secret DB_PASSWORD=/run/secrets/db_password --',
  );
  expect(containerOf(stack).command[9]).toBe('uvicorn');
  expect(containerOf(stack)).not.toHaveProperty('env');
  const [scripts] = allOf(stack, 'ConfigMap');
  expect(Object.keys(scripts!.data)).toEqual(['start.py']);
  expect(scripts!.immutable).toBe(true);
});

test('the page for the operator makes each secret without its value in a command line', () => {
  const page = filesOf(withSecret())['README.md'];
  expect(page).toContain(
    'printf %s "${DB_PASSWORD:?}" | kubectl create secret generic shop-db-password --namespace shop --from-file db_password=/dev/stdin',
  );
  expect(filesOf(withSecret({ file: 'secrets/db' }))['README.md']).toContain(
    'cat ../../../secrets/db | kubectl create secret',
  );
  expect(filesOf(withSecret({ external: 'shared' }))['README.md']).toContain(
    'These must exist already: `shared` with the key `db_password`.',
  );
});

test('a volume is a claim of its size and class', () => {
  expect(
    objectOf(withVolume({ size: '5Gi', storageClass: 'fast' }), 'PersistentVolumeClaim', 'shop-data').spec,
  ).toEqual({
    accessModes: ['ReadWriteOnce'],
    storageClassName: 'fast',
    resources: { requests: { storage: '5Gi' } },
  });
  expect(objectOf(withVolume(), 'PersistentVolumeClaim', 'shop-data').spec).not.toHaveProperty('storageClassName');
  expect(podOf(withVolume()).volumes.at(-1)).toEqual({
    name: 'volume-data',
    persistentVolumeClaim: { claimName: 'shop-data' },
  });
  expect(containerOf(withVolume()).volumeMounts.at(-1)).toEqual({ name: 'volume-data', mountPath: '/data' });
});

test.each([1, 3])(
  'the %i pods of an app with a volume that is not shared are on one node, also while they are replaced',
  (processes) => {
    const pod = podOf(withVolume({}, processes));
    expect(pod.affinity).toEqual({
      podAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          {
            topologyKey: 'kubernetes.io/hostname',
            labelSelector: { matchLabels: { 'app.kubernetes.io/name': 'api', 'app.kubernetes.io/instance': 'shop' } },
          },
        ],
      },
    });
    expect(pod).not.toHaveProperty('topologySpreadConstraints');
  },
);

test('pods that share a node do not block its drain for ever', () => {
  expect(objectOf(withVolume(), 'PodDisruptionBudget').spec.maxUnavailable).toBe('100%');
});

test('the pods of an app with a shared volume are spread like any others', () => {
  const stack = withVolume({ shared: true });
  expect(objectOf(stack, 'PersistentVolumeClaim', 'shop-data').spec.accessModes).toEqual(['ReadWriteMany']);
  expect(podOf(stack).topologySpreadConstraints).toHaveLength(2);
  expect(objectOf(stack, 'PodDisruptionBudget').spec.maxUnavailable).toBe(1);
});
