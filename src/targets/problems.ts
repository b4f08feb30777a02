/** Every problem a target may report, by its stable id, with what it means. */
export const PROBLEMS = {
  'secret-in-environment': 'a variable looks like a secret; every output shows it',
  'source-floor': 'a lock file holds a version with known faults, or misses a package that the server needs',
  'body-limit': 'the edge of this target cannot limit request bodies',
  'path-prefix': 'the edge of this target cannot strip a path prefix',
  'response-headers': 'the edge of this target cannot set headers of answers',
  'rate-limit': 'the edge of this target cannot limit the requests of a client',
  redirects: 'the edge of this target cannot send one host to another',
  'request-timeout': 'this target cannot wait that long for a request when it stops a process',
  'processes-of-command': "this target starts a command of the user's own once",
  'processes-range': 'this target cannot change the number of processes by the load',
  'worker-health': 'this target shows that a worker is ill, and does not replace it',
  'schedule-catch-up': 'this target does not make up for a tick that was missed in a crash',
  'schedule-overlap': 'this target may start a tick during an update while the one before still runs',
  'config-file-size': 'this target cannot hold a config file of that size',
  capacity: 'the containers may take more on this target than there is for the stack',
  'database-connections': 'on this target more connections to a database may be opened than it takes',
  'edge-timeout': 'the edge of this target has timeouts of its own',
  'http-port': 'the edge of this target has ports of its own',
  'tls-without-edge': 'without an edge of ours nothing here serves HTTPS',
  'tls-certificate': 'the edge of this target has its certificate from elsewhere',
  'acme-http-port': 'a certificate authority asks each host on port 80, where the edge takes no requests',
  'tls-hosts': 'an Ingress serves HTTPS for hosts that it names',
  'tls-redirect': 'the edge of this target decides itself about redirects to HTTPS and HSTS',
  'hosts-without-edge':
    'without an edge nothing turns away a Host or a client, strips a prefix, limits a body, sets a header or redirects',
  'edge-network': 'this target has no networks that an edge of yours could be on',
  'network-policy': 'this target cannot restrict who reaches whom',
  'node-selector': 'this target cannot choose nodes by that label',
  'priority-class': 'this target does not rank what it runs',
  'service-account': 'this target has no accounts by which a cloud would know what runs',
  'volume-driver': 'this target has no Docker volume drivers',
  'shared-volume': 'this target needs a driver for storage that several nodes share',
} as const;

/** Stable name of a problem. */
export type ProblemId = keyof typeof PROBLEMS;
