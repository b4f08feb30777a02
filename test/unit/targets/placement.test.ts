import {
  Job,
  Postgres,
  Redis,
  Schedule,
  Stack,
  targets,
  Worker,
  type PlacementProps,
  type ServiceAccountProps,
  type StackProps,
  type TargetName,
} from 'asgi-synth';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { parse } from 'yaml';
import { addApp, outputOf } from '../support/outputs.js';

interface Pod {
  readonly serviceAccountName: string;
  readonly nodeSelector?: object;
  readonly priorityClassName?: string;
  readonly imagePullSecrets?: object;
}

interface KubernetesObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly annotations?: object };
  readonly spec?: {
    readonly template?: { readonly spec: Pod };
    readonly jobTemplate?: { readonly spec: { readonly template: { readonly spec: Pod } } };
  };
}

interface Props extends PlacementProps {
  readonly serviceAccount?: ServiceAccountProps;
}

const SSD = { nodeSelector: { disktype: 'ssd', zone: 'a' } };
const ROLE = { annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/shop' } };

/** A stack with one of each that runs. */
function everything({ app = {}, beside = {}, database = {}, ...stackProps }: Asked = {}): Stack {
  const stack = new Stack('shop', stackProps);
  const api = addApp(stack, 'api', app);
  const task = { app: api, command: ['work'], ...beside };
  new Worker(stack, 'emails', task);
  new Job(stack, 'migrate', task);
  new Schedule(stack, 'nightly', { ...task, cron: '@daily' });
  new Postgres(stack, 'db', { version: '18', ...database });
  new Redis(stack, 'cache', { version: '8', ...database });
  return stack;
}

interface Asked extends StackProps {
  readonly app?: Props;
  readonly beside?: Props;
  readonly database?: PlacementProps;
}

function objectsOf(stack: Stack): KubernetesObject[] {
  return Object.entries(outputOf(stack, 'kubernetes'))
    .filter(([path]) => path.endsWith('.yaml') && path !== 'kustomization.yaml')
    .flatMap(([, text]) => parseAllDocuments(text).map((document) => document.toJS() as KubernetesObject));
}

/** The pod of each workload, by its id. */
function podsOf(stack: Stack): Record<string, Pod> {
  return Object.fromEntries(
    objectsOf(stack).flatMap(({ metadata, spec }) => {
      const pod = spec?.template?.spec ?? spec?.jobTemplate?.spec.template.spec;
      return pod ? [[metadata.name.split('-')[1], pod]] : [];
    }),
  );
}

/** The placement constraints of each service of a Swarm, by its id. */
function constraintsOf(stack: Stack): Record<string, readonly string[] | undefined> {
  const output = outputOf(stack, 'swarm');
  const services = (path: string) =>
    (parse(output[path] ?? '') as { services: Record<string, Service> }).services as Readonly<Record<string, Service>>;
  const all = {
    ...services('stack.yaml'),
    migrate: output['jobs/migrate.yaml'] ? services('jobs/migrate.yaml')['job'] : undefined,
  };
  return Object.fromEntries(Object.entries(all).map(([id, service]) => [id, service?.deploy.placement?.constraints]));
}

interface Service {
  readonly deploy: { readonly placement?: { readonly constraints: readonly string[] } };
}

const problemsOf = (stack: Stack, name: TargetName) =>
  targets
    .find((target) => target.name === name)!
    .problems(stack)
    .map(({ id, construct, message }) => `${id} ${construct.node.path}: ${message}`);

const IDS = ['api', 'cache', 'db', 'emails', 'migrate', 'nightly'];

describe('nodeSelector', () => {
  test('is that of the pods on Kubernetes, and of what runs beside an app', () => {
    const pods = podsOf(everything({ app: SSD, database: { nodeSelector: { disktype: 'nvme' } } }));
    expect(Object.keys(pods).toSorted()).toEqual(IDS);
    for (const id of ['api', 'emails', 'migrate', 'nightly'])
      expect(pods[id]?.nodeSelector, id).toEqual(SSD.nodeSelector);
    for (const id of ['db', 'cache']) expect(pods[id]?.nodeSelector, id).toEqual({ disktype: 'nvme' });
  });

  test('is constraints on node labels on a Swarm, beside those of volumes', () => {
    const constraints = constraintsOf(everything({ app: SSD, database: { nodeSelector: { disktype: 'nvme' } } }));
    const ssd = ['node.labels.disktype == ssd', 'node.labels.zone == a'];
    for (const id of ['api', 'emails', 'migrate', 'nightly']) expect(constraints[id], id).toEqual(ssd);
    expect(constraints['db']).toEqual(['node.labels.shop.db-data == true', 'node.labels.disktype == nvme']);
    expect(constraints['nginx'], 'the edge is on every node').toBeUndefined();
  });

  test('of a worker takes the place of the one of its app, also where it asks for none', () => {
    expect(podsOf(everything({ app: SSD, beside: { nodeSelector: { gpu: 'yes' } } }))['emails']?.nodeSelector).toEqual({
      gpu: 'yes',
    });
    const anywhere = everything({ app: SSD, beside: { nodeSelector: {} } });
    expect(podsOf(anywhere)['emails']).not.toHaveProperty('nodeSelector');
    expect(constraintsOf(anywhere)['emails']).toBeUndefined();
  });

  test('has no nodes to choose from on one host, which whoever asked is told once', () => {
    expect(problemsOf(everything({ app: SSD }), 'bare-metal')).toEqual([
      'node-selector shop/api: nodeSelector names the label disktype, but a host with Docker Compose has no nodes to choose from; leave it out, or accept that it runs there',
    ]);
    expect(problemsOf(everything({ app: SSD }), 'swarm')).toEqual([]);
    expect(problemsOf(everything({ app: { nodeSelector: {} } }), 'bare-metal')).toEqual([]);
  });

  test('that a Swarm cannot say is a problem there, and left out where that is accepted', () => {
    const nodeSelector = { 'acme.com/tier': 'web', empty: '', rack: '7' };
    const stack = everything({ database: { nodeSelector }, accept: { 'node-selector': 'any node will do' } });
    expect(problemsOf(stack, 'swarm').filter((line) => line.includes('shop/db:'))).toEqual([
      'node-selector shop/db: nodeSelector["acme.com/tier"] has a "/" in its key, which a constraint of a Swarm cannot say; use a key without a prefix and a value, or accept that it runs on any node',
      'node-selector shop/db: nodeSelector["empty"] is "", which a constraint of a Swarm cannot say; use a key without a prefix and a value, or accept that it runs on any node',
    ]);
    expect(constraintsOf(stack)['db']).toEqual(['node.labels.shop.db-data == true', 'node.labels.rack == 7']);
    expect(problemsOf(stack, 'kubernetes')).toEqual([]);
  });

  test('is in the page of the operator', () => {
    const stack = everything({ app: SSD });
    expect(outputOf(stack, 'swarm')['README.md']).toContain(
      [
        '## Nodes',
        '',
        '`api`, `emails`, `migrate`, `nightly` may run on nodes with these labels alone, and stay pending while there are none.',
        '',
        '```sh',
        'docker node update --label-add disktype=ssd NODE',
        'docker node update --label-add zone=a NODE',
      ].join('\n'),
    );
    expect(outputOf(stack, 'kubernetes')['README.md']).toContain(
      '- Nodes for `emails`: `kubectl get nodes --selector disktype=ssd,zone=a`.',
    );
  });
});

describe('priorityClassName', () => {
  test('is that of the pods on Kubernetes', () => {
    const stack = everything({ app: { priorityClassName: 'high' }, database: { priorityClassName: 'highest' } });
    const pods = podsOf(stack);
    expect(IDS.map((id) => pods[id]?.priorityClassName)).toEqual([
      'high',
      'highest',
      'highest',
      'high',
      'high',
      'high',
    ]);
    expect(outputOf(stack, 'kubernetes')['README.md']).toContain(
      '- PriorityClasses: `kubectl get priorityclass high highest`.',
    );
  });

  test.each([
    ['bare-metal', 'a host with Docker Compose'],
    ['swarm', 'a Swarm'],
  ] as const)('is a problem on %s', (target, place) => {
    expect(problemsOf(everything({ beside: { priorityClassName: 'low' } }), target)).toEqual(
      ['emails', 'migrate', 'nightly'].map(
        (id) =>
          `priority-class shop/${id}: priorityClassName is low, but ${place} ranks nothing that it runs; leave it out, or accept that all are equal`,
      ),
    );
  });
});

describe('serviceAccount', () => {
  const annotationsOf = (stack: Stack) =>
    Object.fromEntries(
      objectsOf(stack)
        .filter(({ kind }) => kind === 'ServiceAccount')
        .map(({ metadata }) => [metadata.name, metadata.annotations]),
    );

  test('annotates the account of an app and of what runs beside it, which keep their tokens out of the pods', () => {
    const stack = everything({ app: { serviceAccount: ROLE } });
    const of = (...ids: string[]) => Object.fromEntries(ids.map((id) => [`shop-${id}`, ROLE.annotations]));
    expect(annotationsOf(stack)).toEqual({
      ...of('api', 'emails', 'migrate', 'nightly'),
      'shop-db': undefined,
      'shop-cache': undefined,
    });
    for (const [id, pod] of Object.entries(podsOf(stack)))
      expect(pod, id).toMatchObject({ serviceAccountName: `shop-${id}`, automountServiceAccountToken: false });
    expect(outputOf(stack, 'kubernetes')['README.md']).toContain(
      '- What the annotations of the ServiceAccounts name must trust `system:serviceaccount:shop:shop-api`, `system:serviceaccount:shop:shop-emails`,',
    );
  });

  test('of a worker takes the place of the one of its app', () => {
    const other = { annotations: { 'iam.gke.io/gcp-service-account': 'mails@acme.iam.gserviceaccount.com' } };
    const stack = everything({ app: { serviceAccount: ROLE }, beside: { serviceAccount: other } });
    expect(annotationsOf(stack)).toMatchObject({ 'shop-api': ROLE.annotations, 'shop-emails': other.annotations });
    const none = everything({ app: { serviceAccount: ROLE }, beside: { serviceAccount: { annotations: {} } } });
    expect(annotationsOf(none)['shop-emails']).toBeUndefined();
  });

  test.each([
    ['bare-metal', 'a host with Docker Compose'],
    ['swarm', 'a Swarm'],
  ] as const)('is a problem on %s, where no cloud would know the app', (target, place) => {
    expect(problemsOf(everything({ app: { serviceAccount: ROLE } }), target)).toEqual([
      `service-account shop/api: serviceAccount has the annotation eks.amazonaws.com/role-arn, but ${place} has no ServiceAccounts that a cloud could know; give it credentials as secrets, or leave it out`,
    ]);
    expect(problemsOf(everything({ app: { serviceAccount: { annotations: {} } } }), target)).toEqual([]);
  });
});

test('the nginx of static files runs where its app does, with its priority', () => {
  const stack = new Stack('shop', { accept: { 'priority-class': 'others rank nothing' } });
  addApp(stack, 'api', { ...SSD, priorityClassName: 'high', static: { '/static': '/app/static' } });
  const deployment = objectsOf(stack).find(
    ({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'shop-api-static',
  );
  expect(deployment?.spec?.template?.spec).toMatchObject({ ...SSD, priorityClassName: 'high' });
  expect(constraintsOf(stack)['api-static']).toEqual(['node.labels.disktype == ssd', 'node.labels.zone == a']);
});

test('imagePullSecrets are those of every pod, the edge included', () => {
  const pods = podsOf(everything({ imagePullSecrets: ['registry', 'mirror'], edge: 'nginx' }));
  expect(Object.keys(pods).toSorted()).toEqual([...IDS, 'nginx'].toSorted());
  for (const [id, pod] of Object.entries(pods))
    expect(pod.imagePullSecrets, id).toEqual([{ name: 'registry' }, { name: 'mirror' }]);
});
