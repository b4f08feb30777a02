import type { StackNginx } from './edge-props.js';
import type { ConfigFileProps } from './config-file.js';
import type { DefaultsDate } from './defaults.js';
import type { SecretProps } from './secret.js';
import type { NamespaceProps, NetworkPeer } from './cluster-props.js';

export type { NamespaceProps, NetworkPeer };

/** A network that an edge of yours is on already. */
export interface ExistingEdge {
  /** Name of the Docker network (an overlay network on Swarm). */
  readonly network: string;
}

/** Kubernetes Ingress of the cluster. */
export interface IngressProps {
  /**
   * IngressClass that serves it.
   * @default - the cluster's default class
   */
  readonly className?: string;
}

/** Kubernetes Gateway that takes HTTPRoutes. */
export interface GatewayProps {
  /** Name of the Gateway. */
  readonly name: string;
  /**
   * Namespace of the Gateway.
   * @default - the stack's own namespace
   */
  readonly namespace?: string;
  /**
   * Name of the listener to attach to.
   * @default - `https` where the stack has `tls`, else every listener that lets the routes in
   */
  readonly listener?: string;
}

/** What clients are told of HTTPS, wherever its certificate comes from. */
export interface TlsOptions {
  /**
   * Whether what comes over HTTP is answered with 308 to HTTPS: same host, path and query. A balancer that is one of `trustedProxies`
   * and says that its client used HTTPS is not sent away. Controllers of an Ingress or a Gateway decide that themselves: a problem there.
   * @default true
   */
  readonly redirect?: boolean;
  /**
   * Seconds, 0 to 63072000 (two years), for which browsers that have been there once use HTTPS alone (Strict-Transport-Security,
   * RFC 6797); 0 makes them forget it, `false` tells them nothing. It never speaks of subdomains and never asks for the preload list:
   * both reach hosts that this stack does not have. What an app says itself goes before it. Up to the controller of an Ingress or a
   * Gateway: a problem there.
   *
   * A day saves whoever comes back from a first request over HTTP that others can read, and a certificate that went wrong keeps nobody
   * out for longer than that. Raise it, up to 31536000, once renewal is certain.
   * @default - 86400 (a day) where HTTP is on port 80, HTTPS on 443 and `redirect` is not false; else false, since a browser keeps any
   * other port when it turns http into https, and would speak TLS to the port of HTTP
   */
  readonly hsts?: number | false;
  /**
   * Bare metal and Swarm: HTTP/3 beside the rest, over UDP on the port of HTTPS, which each machine's firewall must let in as well. Answers
   * over HTTPS tell of it for a day (`Alt-Svc`, RFC 7838), so that browsers come back that way; whoever cannot stays at HTTP/2. On
   * Kubernetes it is a problem. nginx calls its part experimental (nginx.org/en/docs/http/ngx_http_v3_module.html).
   *
   * nginx has no loss-free reload for it without rights over the kernel that its container does not have. One comes with a renewed
   * certificate, and on bare metal with a deployment. It lets requests end and asks clients to connect anew, but as long as connections
   * from before it last, up to an hour, packets of new ones may reach the process that leaves: connecting takes a second more or fails,
   * after which browsers use HTTP/2.
   * @default false
   */
  readonly http3?: boolean;
}

/** Where the value of a secret comes from that the stack makes itself. */
export type SecretSource = Pick<SecretProps, 'file' | 'external'>;

/**
 * A certificate of your own, which an operator renews. The stack makes two secrets of it, which reach the edge alone; an error where both
 * are the same.
 */
export interface OwnCertificate extends TlsOptions {
  /**
   * PEM text: the certificate, then those between it and its root. One for all hosts of the stack. `{}` is the secret `tls_certificate`,
   * whose value comes from the variable `TLS_CERTIFICATE` at deploy time; `{ file }` and `{ external }` are those of a `Secret`.
   */
  readonly certificate: SecretSource;
  /** PEM text of its private key, without a passphrase: the secret `tls_key`, `TLS_KEY` at deploy time. */
  readonly key: SecretSource;
}

/** Who is asked for a certificate over ACME (RFC 8555), and by whom. */
export interface AcmeProps {
  /** Address that the certificate authority may write to: `'ops@example.com'`. It belongs to the account that is made there. */
  readonly email: string;
  /**
   * URL of the directory of the certificate authority, with https. To use one is to agree to its terms of service.
   * @default 'https://acme-v02.api.letsencrypt.org/directory' (Let's Encrypt)
   */
  readonly directory?: string;
  /**
   * PEM text of the root that signed the certificate of `directory`, where that is an authority of your own: `{ file: './root.pem' }` or
   * `{ content }`, as of a `ConfigFile`.
   * @default - the public roots that certbot brings
   */
  readonly directoryRoot?: ConfigFileProps;
  /**
   * Swarm: secret under which certificate and key go from the node that gets them to all others. `{}` is the secret `acme_token`, whose
   * value comes from the variable `ACME_TOKEN` at deploy time; `{ file }` and `{ external }` are those of a `Secret`. 32 characters at
   * least, such as `openssl rand -hex 32` prints. Not used on bare metal.
   * @default {}
   */
  readonly token?: SecretSource;
}

/**
 * Bare metal and Swarm: a certificate for all `hosts` of the apps and all `redirects`, which the stack gets itself and renews in time. An
 * error where there are no hosts or more than 100.
 *
 * A service `acme` of the stack runs certbot (certbot.eff.org), proves each host over HTTP (HTTP-01) through whichever edge is asked, and
 * keeps account and certificate in a volume. The edge takes a new certificate over by a reload. Until there is a first one it refuses
 * connections over TLS, and redirects to them all the same. The authority asks on port 80 of each host: another `httpPort` is the problem
 * `acme-http-port`, unless `trustedProxies` names a balancer in front. On Kubernetes it is a problem: cert-manager does it there.
 */
export interface AcmeCertificate extends TlsOptions {
  readonly acme: AcmeProps;
}

/** Kubernetes: a certificate that is there already. */
export interface StoredCertificate extends TlsOptions {
  /** Secret of type kubernetes.io/tls in the stack's namespace, which somebody else makes and renews. */
  readonly secretName: string;
}

/** Kubernetes: a certificate that cert-manager gets for the hosts of an Ingress, and renews (cert-manager.io/docs/usage/ingress). */
export type IssuedCertificate = TlsOptions &
  (
    | {
        /** Issuer in the stack's namespace. */
        readonly issuer: string;
      }
    | {
        /** ClusterIssuer. */
        readonly clusterIssuer: string;
      }
  );

/** Where the certificate of HTTPS comes from. */
export type TlsProps = OwnCertificate | AcmeCertificate | StoredCertificate | IssuedCertificate;

/** What machines give a stack. */
export interface Capacity {
  /**
   * Memory in Kubernetes spelling, `'8Gi'`. What an update starts beside the old containers must find room in it as well.
   * @default - not counted
   */
  readonly memory?: string;
  /**
   * Cores, 0.01 to 10000. Docker limits none on bare metal, so that there they are not counted.
   * @default - not counted
   */
  readonly cpu?: number;
}

/** Props of a `Stack`. */
export interface StackProps {
  /**
   * Project root: the folder to which `source` and other paths are relative.
   * @default - the folder `synth` runs in
   */
  readonly directory?: string;
  /**
   * Month of the defaults that hold for whatever is not written, `'2026-11'`: numbers, limits, versions of third-party images. A release of
   * asgi-synth with better ones adds a date and leaves the known ones as they are, so that it changes nothing in a stack;
   * `synth diff --defaults` shows what the newest would change.
   * @default - `'2026-11'`, the first one, whatever came later
   */
  readonly defaults?: DefaultsDate;
  /**
   * Registry and path before the names of built images, `ghcr.io/acme`.
   * @default - none: images stay on the machine that built them
   */
  readonly registry?: string;
  /**
   * Other references for third-party images, by name (`certbot`, `nginx`, `postgres`, `python`, `redis`): a mirror, or a version of your own.
   * @default - the versions this release was tested with
   */
  readonly images?: Readonly<Record<string, string>>;
  /**
   * Port on which the edge takes requests; `'127.0.0.1:8080'` binds one address. The cluster's own Ingress or Gateway has ports of its own.
   * @default 80
   */
  readonly httpPort?: number | string;
  /**
   * Port on which the edge takes requests over HTTPS, spelled as `httpPort`. An error without `tls`, and where both ports are the same.
   * @default 443
   */
  readonly httpsPort?: number | string;
  /**
   * Serves HTTPS beside HTTP: TLS 1.2 and 1.3 with the intermediate settings of Mozilla (ssl-config.mozilla.org), and HTTP/2. nginx of
   * ours takes `{ certificate, key }`, on bare metal and Swarm `{ acme }`, on Kubernetes `{ secretName }` as well; an Ingress takes
   * `{ certificate, key }`, `{ secretName }` and `{ issuer }` or `{ clusterIssuer }`. A Gateway has the certificate of its own listener. Whatever cannot be had somewhere is a problem there.
   * @default - HTTP alone
   */
  readonly tls?: TlsProps;
  /**
   * What takes requests from outside: `nginx` of ours; `none`, where the app is published itself; or an edge that is on a network already.
   * @default - nginx on bare metal and Swarm, the cluster's own Ingress on Kubernetes
   */
  readonly edge?: 'nginx' | 'none' | ExistingEdge;
  /**
   * Host names that lead to another one, `{ 'www.example.com': 'example.com' }`: status 308 with the same scheme, path and query, or
   * straight to HTTPS where `tls` redirects to that; the certificate must name them as well. On a Gateway of Kubernetes 308 is an
   * extended feature, which not every controller has.
   * @default - none
   */
  readonly redirects?: Readonly<Record<string, string>>;
  /**
   * How an nginx of ours tells of the requests that it has answered, in its container's log: `json`, one object a line, with the times of
   * the app and the id of the request; `combined`, the format of nginx's own that older tools read, without these; or `none`. A cluster's
   * own Ingress or Gateway has a log of its own: a problem there.
   * @default 'json'
   */
  readonly accessLog?: 'json' | 'combined' | 'none';
  /**
   * Whether each request has one id from the edge to the app and back: that of the header `X-Request-ID` which one of `trustedProxies` has
   * sent (1 to 128 letters, digits and `._:/+=@-`), else a new one of 32 hexadecimal digits. The app gets it as `X-Request-ID`, the answer
   * has it in the place of what the app says, error answers included, and it is in the access log (`json`). Up to the controller of an
   * Ingress or a Gateway: a problem there. Where it is false, an nginx of ours gives the app a new id for each request, and no answer tells it.
   * @default false
   */
  readonly requestId?: boolean;
  /**
   * Directives of nginx for all apps, where the edge is an nginx of ours; anywhere else a problem. What is an error in them is said at
   * `nginx` of an `AsgiApp`.
   * @default - none
   */
  readonly nginx?: StackNginx;
  /**
   * Kubernetes: the Ingress to use.
   * @default - an Ingress of the default class, unless `gateway` or `edge` says otherwise
   */
  readonly ingress?: IngressProps;
  /**
   * Kubernetes: the Gateway to attach HTTPRoutes to, instead of an Ingress.
   * @default - none
   */
  readonly gateway?: GatewayProps;
  /**
   * Address ranges of a balancer in front of the edge, whose X-Forwarded-For and X-Forwarded-Proto are believed.
   * @default - nobody's are believed
   */
  readonly trustedProxies?: readonly string[];
  /**
   * Kubernetes: the namespace.
   * @default - named as the stack is deployed, made by the output
   */
  readonly namespace?: NamespaceProps;
  /**
   * Who may reach the apps (NetworkPolicy), beside the stack's own edge.
   * @default - every pod and address, since where the cluster's ingress runs is not known
   */
  readonly allowFrom?: readonly NetworkPeer[];
  /**
   * Whom the apps may reach (NetworkPolicy), beside DNS.
   * @default - everybody
   */
  readonly allowTo?: readonly NetworkPeer[];
  /**
   * Kubernetes: Secrets with registry credentials, by name.
   * @default - none
   */
  readonly imagePullSecrets?: readonly string[];
  /**
   * Labels for everything that is deployed.
   * @default - none
   */
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * What there is for the stack: of the host, or the quota of the namespace. Synthesis fails where the containers may take more.
   * @default - not counted
   */
  readonly capacity?: Capacity;
  /**
   * Problems that are accepted, by id, each with the reason.
   * @default - none
   */
  readonly accept?: Readonly<Record<string, string>>;
}
