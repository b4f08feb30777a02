import { AsgiApp, Secret, Stack, Volume, type AsgiAppProps, type StackProps, type VolumeProps } from 'asgi-synth';

type AnyProps = StackProps & VolumeProps & Partial<AsgiAppProps>;

/** A stack that asks for everything that all targets can give. `change` gets each object of props on its way. */
export function richStack(change: <T extends AnyProps>(props: T) => T = (props) => props): Stack {
  const stack = new Stack(
    'shop',
    change({
      registry: 'registry.example.com/acme',
      images: { nginx: 'mirror.example.com/nginx:1.30.4', python: 'mirror.example.com/python:3.14.6-slim-trixie' },
      httpPort: 8080,
      edge: 'nginx' as const,
      trustedProxies: ['10.20.0.0/16', 'fd00:1::/32'],
      namespace: { name: 'shops', create: true },
      imagePullSecrets: ['registry'],
      labels: { team: 'storefront', 'acme.com/tier': 'web' },
      accept: { 'http-port': 'documentation', 'source-floor': 'documentation' },
    }),
  );
  const password = new Secret(stack, 'db_password');
  const key = new Secret(stack, 'api_key', { as: 'environment', file: 'keys/api' });
  const there = new Secret(stack, 'license', { external: 'acme-license' });
  const data = new Volume(
    stack,
    'data',
    change({
      size: '2Gi',
      storageClass: 'nfs',
      driver: 'local',
      driverOptions: { type: 'nfs', o: 'addr=10.0.0.5', device: ':/data' },
    }),
  );
  new AsgiApp(
    stack,
    'api',
    change({
      source: './images/fastapi',
      module: 'main:app',
      processes: 5,
      memory: '256Mi',
      cpu: 0.5,
      port: 9000,
      health: { readiness: '/readyz', liveness: '/healthz', startup: 20 },
      hosts: ['shop.example.com', 'www.example.com'],
      environment: { LOG_LEVEL: 'info', DEBUG: false, WORKERS_HINT: 3 },
      secrets: [password, key, there],
      volumes: { '/srv/data': data },
      requestTimeout: 20,
      bodyLimit: '2Mi',
      build: {
        python: '3.14',
        systemPackages: ['libpq5', 'curl'],
        arguments: { ONE: '1', TWO: '2' },
        secrets: { TOKEN: { environment: 'CI_TOKEN' }, PIP: { file: 'pip.conf', target: '/etc/pip.conf' } },
      },
    }),
  );
  new AsgiApp(
    stack,
    'admin',
    change({
      image: 'acme/admin:7',
      module: 'admin.web:make',
      factory: true,
      hosts: ['shop.example.com'],
      pathPrefix: '/admin',
      environment: { B: '2', A: '1' },
      secrets: [password],
    }),
  );
  return stack;
}
