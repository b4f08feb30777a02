import { RootConstruct } from 'constructs';
import { isIP } from 'node:net';
import * as v from 'valibot';
import { AsgiApp } from './app.js';
import { Database } from './database.js';
import { DEFAULTS, datesOf, defaultsOf, oldestDate, setDefaults, type DefaultsByDate } from './defaults.js';
import { addMistake, speakableId } from './mistakes.js';
import { checkPeers, peers } from './peers.js';
import { resolveSnippet, snippetText, type NginxSnippet } from './nginx-snippets.js';
import { rememberPosition } from './position.js';
import { checkProps, givenIn, isObject } from './props.js';
import { bytes, sizeBetween } from './quantity.js';
import type {
  ExistingEdge,
  GatewayProps,
  IngressProps,
  NamespaceProps,
  NetworkPeer,
  StackProps,
} from './stack-props.js';
import { resolveTls, tlsMistakes, tlsSchema, type Tls } from './tls.js';
import {
  cidr,
  DNS_LABEL,
  dnsLabel,
  hostName,
  HOST_NAME,
  imageReference,
  labels,
  matching,
  must,
  registryPrefix,
  show,
  text,
  trueOrFalse,
} from './values.js';

const schema = v.strictObject({
  directory: v.optional(text),
  // Which dates are known is the class's to say.
  defaults: v.optional(v.any()),
  registry: v.optional(registryPrefix),
  images: v.optional(
    v.record(
      matching(/^[a-z][a-z0-9-]*$/, 'the name of an image in lower-case letters, digits and hyphens, such as "nginx"'),
      imageReference,
    ),
  ),
  httpPort: v.optional(edgePort(8080)),
  httpsPort: v.optional(edgePort(8443)),
  tls: v.optional(tlsSchema),
  edge: v.optional(v.lazy((edge) => (isObject(edge) ? existingEdge : edgeName))),
  redirects: v.optional(v.record(hostName, hostName)),
  accessLog: v.optional(v.picklist(['json', 'combined', 'none'], 'must be "json", "combined" or "none"')),
  requestId: v.optional(trueOrFalse),
  nginx: v.optional(v.strictObject({ http: v.optional(snippetText), server: v.optional(snippetText) })),
  ingress: v.optional(
    v.strictObject({ className: v.optional(matching(DNS_LABEL, 'the name of an IngressClass, such as "traefik"')) }),
  ),
  gateway: v.optional(
    v.strictObject({
      name: v.optional(dnsLabel),
      namespace: v.optional(dnsLabel),
      listener: v.optional(matching(HOST_NAME, 'the name of a listener of the Gateway, such as "https"')),
    }),
  ),
  trustedProxies: v.optional(v.array(cidr)),
  namespace: v.optional(v.strictObject({ name: v.optional(dnsLabel), create: v.optional(trueOrFalse) })),
  allowFrom: v.optional(peers),
  allowTo: v.optional(peers),
  imagePullSecrets: v.optional(v.array(dnsLabel)),
  labels: v.optional(labels),
  capacity: v.optional(
    v.strictObject({
      memory: v.optional(sizeBetween('16Mi', '1024Ti')),
      cpu: v.optional(
        must<number>('a number of cores from 0.01 to 10000', (x) => typeof x === 'number' && x >= 0.01 && x <= 10_000),
      ),
    }),
  ),
  accept: v.optional(v.record(text, text)),
});

const edgeName = v.picklist(['nginx', 'none'], 'must be "nginx", "none" or { network }');
const existingEdge = v.strictObject({
  network: v.optional(matching(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/, 'the name of a Docker network, such as "proxy"')),
});

/** The address and port on which the edge takes requests. */
export interface HttpPort {
  readonly address: string | undefined;
  readonly port: number;
}

/** Everything that is deployed together under one name. The root of the tree. */
export class Stack extends RootConstruct {
  /** Every set of defaults that a stack can name, by date. */
  static readonly defaultsByDate: DefaultsByDate = DEFAULTS;

  readonly name: string;
  /** Date of the defaults that hold for the props which are not written. */
  readonly defaults: string;
  readonly directory: string | undefined;
  readonly registry: string | undefined;
  readonly images: Readonly<Record<string, string>>;
  readonly httpPort: HttpPort;
  readonly httpsPort: HttpPort;
  /** How it is served over HTTPS; undefined for HTTP alone. */
  readonly tls: Tls | undefined;
  readonly edge: 'nginx' | 'none' | ExistingEdge | undefined;
  /** Host names by those that lead to them. */
  readonly redirects: Readonly<Record<string, string>>;
  /** How an nginx of ours tells of requests. */
  readonly accessLog: 'json' | 'combined' | 'none';
  /** Whether answers tell the id of their request, which a balancer in front may have given it. */
  readonly requestId: boolean;
  /** Directives for an nginx of ours. */
  readonly nginx: { readonly http: NginxSnippet | undefined; readonly server: NginxSnippet | undefined };
  readonly ingress: IngressProps | undefined;
  readonly gateway: GatewayProps | undefined;
  readonly trustedProxies: readonly string[];
  readonly namespace: NamespaceProps;
  readonly allowFrom: readonly NetworkPeer[] | undefined;
  readonly allowTo: readonly NetworkPeer[] | undefined;
  readonly imagePullSecrets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Bytes and cores that there are for the stack. */
  readonly capacity: { readonly memory: number | undefined; readonly cpu: number | undefined };
  readonly accept: Readonly<Record<string, string>>;
  /** Names of the props that were written, to tell a default from a wish. */
  readonly given: ReadonlySet<string>;

  /** @param name lower-case letters, digits and hyphens; it is in every project, namespace, volume and label name. */
  constructor(name: string, props: StackProps = {}) {
    super(speakableId(name));
    rememberPosition(this, new.target);
    // The name of a Kubernetes Service, which begins with it, must begin with a letter.
    if (typeof name !== 'string' || !DNS_LABEL.test(name) || !/^[a-z]/.test(name) || name.length > 40) {
      addMistake(
        this,
        `the name must be 1 to 40 lower-case letters, digits and hyphens, with a letter first and no hyphen last (DNS-1123 label), got ${show(name)}`,
      );
    }
    // Somebody may write the text of a key where its place belongs.
    const checked = checkProps(this, schema, props, ['certificate', 'key', 'nginx', 'token']);
    this.name = this.node.id;
    this.defaults = this.chooseDefaults(checked.defaults, new.target.defaultsByDate);
    const { httpPort, httpsPort } = defaultsOf(this).stack;
    this.directory = checked.directory;
    this.registry = checked.registry;
    this.images = checked.images ?? {};
    this.httpPort = tryHttpPort(checked.httpPort ?? httpPort) ?? { address: undefined, port: httpPort };
    this.httpsPort = tryHttpPort(checked.httpsPort ?? httpsPort) ?? { address: undefined, port: httpsPort };
    this.tls = resolveTls(this, checked.tls, [this.httpPort, this.httpsPort]);
    this.edge = checked.edge;
    this.redirects = checked.redirects ?? {};
    this.accessLog = checked.accessLog ?? 'json';
    this.requestId = checked.requestId ?? false;
    this.nginx = {
      http: resolveSnippet(this, 'http', checked.nginx?.http),
      server: resolveSnippet(this, 'server', checked.nginx?.server),
    };
    this.ingress = checked.ingress;
    this.gateway = checked.gateway;
    this.trustedProxies = checked.trustedProxies ?? [];
    this.namespace = checked.namespace ?? {};
    this.allowFrom = checked.allowFrom;
    this.allowTo = checked.allowTo;
    this.imagePullSecrets = checked.imagePullSecrets ?? [];
    this.labels = checked.labels ?? {};
    const { memory, cpu } = checked.capacity ?? {};
    this.capacity = { memory: memory === undefined ? undefined : bytes(memory), cpu };
    this.accept = checked.accept ?? {};
    this.given = givenIn(props);
    this.checkCombinations(checked);
    this.checkTls(checked);
  }

  /** The apps of the stack, in the order in which they were written. */
  get apps(): AsgiApp[] {
    return this.node.findAll().filter((construct) => construct instanceof AsgiApp);
  }

  /** The databases that are deployed with the stack, in the order in which they were written. */
  get databases(): Database[] {
    return this.node.findAll().filter((construct) => construct instanceof Database);
  }

  /** Lets the tree find the defaults of a date, which it returns. */
  private chooseDefaults(wanted: unknown, byDate: DefaultsByDate): string {
    const known = datesOf(byDate);
    const date = wanted === undefined ? oldestDate(byDate) : known.find((one) => one === wanted);
    if (date === undefined)
      addMistake(
        this,
        `defaults must be one of ${known.join(', ')}, got ${show(wanted)}; a later date needs a later release of asgi-synth`,
      );
    const chosen = date ?? oldestDate(byDate);
    setDefaults(this, byDate[chosen]!);
    return chosen;
  }

  private checkTls({ tls, httpsPort }: StackProps): void {
    for (const mistake of tls === undefined ? [] : tlsMistakes(tls)) addMistake(this, mistake);
    if (httpsPort !== undefined && !this.given.has('tls'))
      addMistake(this, 'httpsPort is for HTTPS, which needs a certificate; give one with tls, or take httpsPort out');
    if (this.given.has('tls') && isSamePort(this.httpPort, this.httpsPort))
      addMistake(this, `httpPort and httpsPort are both ${this.httpPort.port}; give each a port of its own`);
  }

  private checkCombinations({ ingress, gateway, edge, allowFrom, allowTo }: StackProps): void {
    if (ingress && gateway)
      addMistake(this, 'ingress and gateway exclude each other; keep the one that the cluster serves');
    if (gateway && gateway.name === undefined)
      addMistake(this, 'gateway.name is missing; name the Gateway to attach to');
    if (typeof edge === 'object' && edge.network === undefined)
      addMistake(this, 'edge.network is missing; name the network of the edge');
    if (edge === 'none' && (ingress ?? gateway))
      addMistake(this, 'edge: "none" excludes ingress and gateway; keep one of them');
    for (const [prop, list] of Object.entries({ allowFrom, allowTo })) checkPeers(this, prop, list);
  }
}

function edgePort(example: number) {
  return must<number | string>(
    `a port from 1 to 65535, or "ADDRESS:PORT" such as "127.0.0.1:${example}"`,
    (port) => tryHttpPort(port) !== undefined,
  );
}

/** Whether two listeners would want one port of one address. */
function isSamePort(one: HttpPort, other: HttpPort): boolean {
  return one.port === other.port && (one.address ?? other.address) === (other.address ?? one.address);
}

function tryHttpPort(value: unknown): HttpPort | undefined {
  if (typeof value === 'number') return isPort(value) ? { address: undefined, port: value } : undefined;
  const match = typeof value === 'string' ? /^([\d.]+|\[[\da-fA-F:.]+\]):([1-9]\d{0,4})$/.exec(value) : null;
  const address = match?.[1] ?? '';
  return isIP(address.replace(/^\[(.*)\]$/, '$1')) > 0 && isPort(Number(match?.[2]))
    ? { address, port: Number(match?.[2]) }
    : undefined;
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65535;
}
