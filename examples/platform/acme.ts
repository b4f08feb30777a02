// What the platform team of ACME publishes as a package for ten teams: what each of their stacks has, and the rules that all of them keep.
import { AsgiApp, Kubernetes, Policies, Postgres, Redis, Stack, Task, type Policy, type StackProps } from 'asgi-synth';
import type { IConstruct, IMixin } from 'constructs';

/** Props of an `AcmeStack`. */
export interface AcmeStackProps extends Omit<StackProps, 'registry' | 'imagePullSecrets'> {
  /** Team that is called when it fails; in every label. */
  readonly team: string;
}

/** A stack that runs at ACME. */
export class AcmeStack extends Stack {
  constructor(name: string, { team, ...props }: AcmeStackProps) {
    super(name, {
      edge: 'nginx',
      trustedProxies: ['10.20.0.0/16'], // the balancers in front of every cluster
      ...props,
      registry: `registry.acme.example/${team}`,
      imagePullSecrets: ['acme-registry'],
      labels: { ...props.labels, 'acme.example/team': team },
    });
    Policies.of(this).add(anEdge, memoryUpTo(1024), hostsBelow('acme.example'));
  }
}

/** Whatever has no edge is out of reach of the firewall. */
const anEdge: Policy = (construct) =>
  construct instanceof Stack && construct.edge === 'none'
    ? 'edge must not be "none" at ACME, whose firewall is the edge; leave it out'
    : undefined;

/** Machines are shared: everybody says what they take. */
function memoryUpTo(most: number): Policy {
  return (construct) => {
    if (!isRunning(construct)) return undefined;
    if (!construct.given.has('memory'))
      return `memory is missing; say what it takes at most, up to "${most}Mi" at ACME`;
    const memory = construct.memory / 2 ** 20;
    return memory > most
      ? `memory must be at most "${most}Mi" at ACME, got "${memory}Mi"; ask in #platform for more`
      : [];
  };
}

function isRunning(construct: IConstruct): construct is AsgiApp | Task | Postgres | Redis {
  return [AsgiApp, Task, Postgres, Redis].some((kind) => construct instanceof kind);
}

/** The certificate of ACME is for one domain, and an app without hosts would answer any. */
function hostsBelow(domain: string): Policy {
  return (construct) => {
    if (!(construct instanceof AsgiApp)) return undefined;
    if (construct.hosts.length === 0) return `hosts is missing; name at least one below ${domain}`;
    return construct.hosts
      .filter((host) => !host.endsWith(`.${domain}`))
      .map((host) => `hosts must be below ${domain}, got "${host}"`);
  };
}

/** What a team may choose: Prometheus of ACME reads `/metrics` of the apps that are there already. `stack.with(new Scraped())`. */
export class Scraped implements IMixin {
  supports(construct: IConstruct): construct is AsgiApp {
    return construct instanceof AsgiApp;
  }

  applyTo(construct: IConstruct): void {
    if (!this.supports(construct)) return;
    const value = { 'prometheus.io/scrape': 'true', 'prometheus.io/port': String(construct.port) };
    Kubernetes.of(construct).patch({ op: 'add', path: '/spec/template/metadata/annotations', value });
  }
}
