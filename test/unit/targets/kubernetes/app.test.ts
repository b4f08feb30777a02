import { describe, expect, test } from 'vitest';
import { allOf, containerOf, filesOf, kindsIn, objectOf, objectsOf, podOf, stackOf } from './support.js';

describe('an app', () => {
  test('is one file with everything that it needs', () => {
    expect(kindsIn(stackOf({ health: '/healthz' }))).toEqual([
      'Namespace',
      'ServiceAccount',
      'Deployment',
      'Service',
      'PodDisruptionBudget',
      'NetworkPolicy',
      'Ingress',
    ]);
    expect(Object.keys(filesOf(stackOf()))).toEqual(['kustomization.yaml', 'namespace.yaml', 'api.yaml', 'README.md']);
  });

  test('has the deployed name in the name of each of its objects', () => {
    const names = objectsOf(stackOf({ health: '/healthz' }), { stage: 'staging' }).map(({ metadata }) => metadata.name);
    expect(new Set(names)).toEqual(new Set(['shop-staging', 'shop-staging-api']));
  });

  test('has the namespace written in each of its objects', () => {
    const namespaces = (stack = stackOf(), options = {}) =>
      new Set(
        objectsOf(stack, options)
          .filter(({ kind }) => kind !== 'Namespace')
          .map(({ metadata }) => metadata.namespace),
      );
    expect(namespaces()).toEqual(new Set(['shop']));
    expect(namespaces(stackOf(), { stage: 'staging' })).toEqual(new Set(['shop-staging']));
    expect(namespaces(stackOf({}, { namespace: { name: 'apps' } }))).toEqual(new Set(['apps']));
  });

  test('is selected by name and instance alone, so that other labels may change', () => {
    const { spec } = objectOf(stackOf({}, { labels: { 'acme.com/team': 'web' } }), 'Deployment');
    const selector = { 'app.kubernetes.io/name': 'api', 'app.kubernetes.io/instance': 'shop' };
    expect(spec.selector).toEqual({ matchLabels: selector });
    expect(spec.template.metadata.labels).toEqual({
      ...selector,
      'app.kubernetes.io/component': 'app',
      'app.kubernetes.io/managed-by': 'asgi-synth',
      'app.kubernetes.io/part-of': 'shop',
      'acme.com/team': 'web',
    });
    expect(objectOf(stackOf(), 'Service').spec.selector).toEqual(selector);
    expect(objectOf(stackOf(), 'PodDisruptionBudget').spec.selector.matchLabels).toEqual(selector);
    expect(objectOf(stackOf(), 'NetworkPolicy').spec.podSelector.matchLabels).toEqual(selector);
  });

  test('runs one Uvicorn process in each of as many pods as it has processes', () => {
    const stack = stackOf({ processes: 4 });
    expect(objectOf(stack, 'Deployment').spec.replicas).toBe(4);
    expect(containerOf(stack).command.slice(0, 2)).toEqual(['uvicorn', 'main:app']);
    expect(containerOf(stack).command.join(' ')).toContain('--workers 1');
    expect(containerOf(stack)).not.toHaveProperty('args');
  });

  test('has as many pods as its load asks for, counted in cores, where its processes are a range', () => {
    const stack = stackOf({ processes: { min: 1, max: 8, cpu: 70 }, cpu: 0.5 });
    expect(objectOf(stack, 'Deployment').spec).not.toHaveProperty('replicas');
    expect(objectOf(stack, 'HorizontalPodAutoscaler').spec).toEqual({
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'shop-api' },
      minReplicas: 1,
      maxReplicas: 8,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'AverageValue', averageValue: '350m' } } },
      ],
    });
    // With a single pod, a budget that keeps one would block every drain.
    expect(objectOf(stack, 'PodDisruptionBudget').spec.maxUnavailable).toBe(1);
  });

  test('tells the operator what happens to the number of pods when it becomes a range, and when it is one no more', () => {
    const readme = filesOf(stackOf({ processes: { min: 2, max: 8 } }))['README.md'];
    expect(readme).toContain('`api` from 2 to 8, so that each uses `700m` of a core on average');
    expect(readme).toContain('kubectl apply edit-last-applied deployment/shop-api --namespace shop');
    expect(readme).toContain('kubectl delete horizontalpodautoscaler/shop-api --namespace shop');
    expect(readme).toContain('| 2 to 8 |');
    expect(readme).not.toContain('kubectl scale');
  });

  test('starts a new pod before it stops an old one', () => {
    const { spec } = objectOf(stackOf({ health: { startup: 100 } }), 'Deployment');
    expect(spec.strategy).toEqual({ type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: '25%' } });
    expect(spec.minReadySeconds).toBe(5);
    expect(spec.revisionHistoryLimit).toBe(5);
    expect(spec.progressDeadlineSeconds).toBeGreaterThan(100);
  });

  test('waits until its balancers have let go of it, and then for the longest request', () => {
    const stack = stackOf({ requestTimeout: 100 });
    expect(containerOf(stack).lifecycle).toEqual({ preStop: { sleep: { seconds: 10 } } });
    expect(containerOf(stack).command.join(' ')).toContain('--timeout-graceful-shutdown 100');
    expect(podOf(stack).terminationGracePeriodSeconds).toBeGreaterThan(110);
  });

  test('waits longer for an nginx of ours, which hears of it through the memory of a DNS', () => {
    const stack = stackOf({ requestTimeout: 100 }, { edge: 'nginx' });
    expect(containerOf(stack).lifecycle.preStop.sleep.seconds).toBeGreaterThan(30);
    expect(podOf(stack).terminationGracePeriodSeconds).toBeGreaterThan(135);
  });

  test('has no more rights than it needs', () => {
    const pod = podOf(stackOf());
    expect(pod.securityContext).toEqual({
      runAsNonRoot: true,
      runAsUser: 10001,
      runAsGroup: 10001,
      fsGroup: 10001,
      fsGroupChangePolicy: 'OnRootMismatch',
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(containerOf(stackOf()).securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      serviceAccountName: 'shop-api',
    });
    expect(objectOf(stackOf(), 'ServiceAccount').automountServiceAccountToken).toBe(false);
  });

  test('has its memory reserved, and a tenth of its cores', () => {
    expect(containerOf(stackOf({ memory: '1536Mi', cpu: 0.5 })).resources).toEqual({
      requests: { cpu: '50m', memory: '1536Mi', 'ephemeral-storage': '0' },
      limits: { cpu: '500m', memory: '1536Mi', 'ephemeral-storage': '512Mi' },
    });
    expect(containerOf(stackOf({ memory: '1G', cpu: 0.01 })).resources).toMatchObject({
      requests: { cpu: '10m', memory: '1000000000' },
      limits: { cpu: '10m' },
    });
    expect(containerOf(stackOf({ memory: '2Gi', cpu: 2 })).resources.limits).toMatchObject({ cpu: '2', memory: '2Gi' });
  });

  test('can write to nothing but a bounded /tmp', () => {
    expect(podOf(stackOf({ health: '/healthz' })).volumes).toEqual([
      { name: 'tmp', emptyDir: { medium: 'Memory', sizeLimit: '64Mi' } },
    ]);
    expect(containerOf(stackOf({ health: '/healthz' })).volumeMounts).toEqual([{ name: 'tmp', mountPath: '/tmp' }]);
  });

  test('is spread over nodes and zones as far as there are any', () => {
    const pod = podOf(stackOf());
    expect(pod.topologySpreadConstraints.map((constraint) => ({ ...constraint, labelSelector: undefined }))).toEqual(
      ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'].map((topologyKey) => ({
        maxSkew: 1,
        topologyKey,
        whenUnsatisfiable: 'ScheduleAnyway',
        matchLabelKeys: ['pod-template-hash'],
      })),
    );
    expect(pod.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution).toHaveLength(1);
  });

  test('leaves a node that is gone after half a minute', () => {
    expect(podOf(stackOf()).tolerations.map(({ key, tolerationSeconds }) => [key, tolerationSeconds])).toEqual([
      ['node.kubernetes.io/not-ready', 30],
      ['node.kubernetes.io/unreachable', 30],
    ]);
  });

  test('loses one pod at a time to a drain, and never blocks one with a pod that is not ready', () => {
    expect(objectOf(stackOf(), 'PodDisruptionBudget').spec).toMatchObject({
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    });
  });

  test('is reached inside the cluster on port 80', () => {
    expect(objectOf(stackOf({ port: 9000 }), 'Service').spec).toMatchObject({
      type: 'ClusterIP',
      ports: [{ name: 'http', port: 80, targetPort: 'http', protocol: 'TCP', appProtocol: 'http' }],
    });
    expect(containerOf(stackOf({ port: 9000 })).ports).toEqual([
      { name: 'http', containerPort: 9000, protocol: 'TCP' },
    ]);
  });

  test.each([
    ['acme/api:1.4.2', 'IfNotPresent'],
    ['localhost:5000/api:1', 'IfNotPresent'],
    [`acme/api@sha256:${'a'.repeat(64)}`, 'IfNotPresent'],
    [`acme/api:latest@sha256:${'a'.repeat(64)}`, 'IfNotPresent'],
    ['acme/api:latest', 'Always'],
    ['acme/api', 'Always'],
    ['localhost:5000/api', 'Always'],
  ])('pulls %s %s', (image, policy) => {
    expect(containerOf(stackOf({ image }))).toMatchObject({ image, imagePullPolicy: policy });
  });

  test('names the credentials of the registry', () => {
    expect(podOf(stackOf({}, { imagePullSecrets: ['one', 'two'] })).imagePullSecrets).toEqual([
      { name: 'one' },
      { name: 'two' },
    ]);
    expect(podOf(stackOf())).not.toHaveProperty('imagePullSecrets');
  });
});

describe('the probes of an app', () => {
  test('ask its paths, under a Host that it answers', () => {
    const container = containerOf(
      stackOf({ health: { readiness: '/readyz', liveness: '/livez' }, hosts: ['shop.example.com', 'x.example.com'] }),
    );
    const headers = [{ name: 'Host', value: 'shop.example.com' }];
    expect(container.readinessProbe.httpGet).toEqual({ path: '/readyz', port: 'http', httpHeaders: headers });
    expect(container.livenessProbe.httpGet).toEqual({ path: '/livez', port: 'http', httpHeaders: headers });
    expect(containerOf(stackOf({ health: '/healthz' })).livenessProbe.httpGet).toEqual({
      path: '/healthz',
      port: 'http',
    });
  });

  test('do not kill an app that starts while what it needs is away', () => {
    const { startupProbe } = containerOf(stackOf({ health: { readiness: '/readyz', liveness: '/livez' } }));
    expect(startupProbe.httpGet.path).toBe('/livez');
  });

  test.each([1, 7, 60, 3600])('give it the %i s that it may take to start', (startup) => {
    const { startupProbe } = containerOf(stackOf({ health: { startup } }));
    expect(startupProbe.periodSeconds * startupProbe.failureThreshold).toBeGreaterThan(startup);
  });

  test('are slower to kill an app than to spare it requests', () => {
    const { livenessProbe: life, readinessProbe: readiness } = containerOf(stackOf({ health: '/healthz' }));
    expect(life.periodSeconds * life.failureThreshold).toBeGreaterThan(
      readiness.periodSeconds * readiness.failureThreshold,
    );
    expect(life.timeoutSeconds).toBeGreaterThanOrEqual(3);
    expect(life.failureThreshold).toBeGreaterThanOrEqual(3);
  });

  test('take any status below 500 for right where there is no path', () => {
    const stack = stackOf({ hosts: ['shop.example.com'], port: 9000 });
    const { startupProbe, readinessProbe, livenessProbe } = containerOf(stack);
    for (const probe of [startupProbe, readinessProbe, livenessProbe]) {
      expect(probe.exec.command.slice(0, 8).join(' ')).toBe(
        'python3 -I -S /etc/asgi-synth/health.py --port 9000 --host shop.example.com',
      );
      const timeout = Number(probe.exec.command.at(-1));
      expect(timeout).toBeLessThan(probe.timeoutSeconds);
    }
    const [scripts] = allOf(stack, 'ConfigMap');
    expect(Object.keys(scripts!.data)).toEqual(['health.py']);
    expect(podOf(stack).volumes[1]).toEqual({ name: 'scripts', configMap: { name: scripts!.metadata.name } });
  });

  test('need no script where both paths are given', () => {
    expect(kindsIn(stackOf({ health: '/healthz' }))).not.toContain('ConfigMap');
    expect(kindsIn(stackOf({ health: { readiness: '/readyz' } }))).toContain('ConfigMap');
  });
});
