import type { Reasons } from './reasons.js';

const FROM = { from: ['Stack.tls'] } as const;

/** Why each place is there of what gets and renews a certificate. It goes before what all services have. */
export const ACME_REASONS: Reasons = {
  'services.Acme': { why: 'gets the certificate of the hosts and renews it', ...FROM, source: 'RFC 8555' },
  'services.Acme.image': {
    why: 'certbot, by full version, and by digest where the lock file has one',
    from: ['Stack.images'],
  },
  'services.Acme.**."acme.py"': {
    why: 'asks for the certificate through certbot, renews it in time and hands it to nginx',
  },
  'services.Acme.**.--email': { why: 'whom the authority tells of what concerns the certificate', ...FROM },
  'services.Acme.**.--directory': { why: 'the authority', ...FROM },
  'services.Acme.environment.*': {
    why: 'the root by which the authority itself is known, where it is one of your own',
    ...FROM,
  },
  'services.Acme.**.--state': { why: 'what stays: the account and the certificate' },
  'services.Acme.**.--scratch': { why: 'what goes with the container' },
  'services.Acme.**.--port|--health': { why: 'where challenges are answered, and where the check asks' },
  'services.Acme.**.--edge': { why: 'where nginx is, which passes challenges on' },
  'services.Acme.**.--token': { why: 'the password that closes the certificate on its way to the nodes' },
  'services.Acme.entrypoint.word': { why: 'a host of the certificate', from: ['AsgiApp.hosts', 'Stack.redirects'] },
  'services.Acme.secrets.[].*': {
    why: 'the password that closes the certificate on its way to the nodes, which this service and nginx alone have',
  },
  'services.Acme.stop_grace_period': { why: 'seconds to end: what was begun is begun anew' },
  'services.Acme.volumes.[].target': { why: 'memory where certbot wants a folder, and a volume for what stays' },
  'services.Acme.volumes.[].source': { why: 'the volume for what stays', ...FROM },
  'services.Acme.volumes.[].tmpfs.size': { why: 'bytes in memory' },
  'services.Acme.deploy.placement.constraints.[]': { why: 'the node that has the volume: give it this label' },
  'services.Acme.deploy.resources.limits.memory|pids': { why: 'of certbot, which the authority is asked with' },
  'volumes.acme.name': {
    why: 'with the name of the deployment, so that two stages never share one',
    from: ['Stack.name'],
  },
  'configs.acme.file': { why: 'what gets and renews the certificate' },
  '"acme.py".text': { why: 'gets and renews the certificate through certbot. Alike in every stack' },
  '"nginx.conf".http.upstream.**': {
    why: 'what answers the challenges of the authority',
    ...FROM,
    when: ({ path, value = '' }) => value.includes('acme') && path.length > 3,
  },
  '"nginx.conf".http.server.location."/.well-known/acme-challenge/".**': {
    why: 'the authority looks here whether the host is ours',
    ...FROM,
    source: 'RFC 8555, 8.3',
  },
};
