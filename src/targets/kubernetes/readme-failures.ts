import { code, type MarkdownSection } from '../../formats/markdown.js';
import { databaseFailures } from '../readme-databases.js';
import { rateLimited } from '../readme.js';
import { tlsFailures } from '../readme-tls.js';
import { endsTls, hasIngressTls } from './certificate.js';
import { hasNginx, hasRoutes, type Cluster } from './cluster.js';
import { storedCertificate } from './readme-certificate.js';
import { objectName } from './workload.js';

/** What goes wrong, how it looks, and where to look. */
export function whenItFails(cluster: Cluster): MarkdownSection {
  const { namespace } = cluster;
  const describe = code(`kubectl describe pod POD --namespace ${namespace}`);
  const previous = code(`kubectl logs POD --namespace ${namespace} --previous`);
  return [
    'When it fails',
    {
      rows: [
        ['what you see', 'what it is', 'look at'],
        [
          '`ErrImagePull`, `ImagePullBackOff`',
          'the node cannot get the image: not pushed, a wrong name, or no credentials',
          `${describe}; \`imagePullSecrets\` in the stack`,
        ],
        ['`CrashLoopBackOff`, `Error`', 'the app ends by itself, mostly at its start', previous],
        [
          '`Pending`',
          'no node has the memory or cores, or a volume is not there',
          `${describe}; ${code(`kubectl get pvc --namespace ${namespace}`)}`,
        ],
        ['`ContainerCreating` that stays', 'a Secret, a ConfigMap or a volume is missing', describe],
        [
          '`Running`, but `0/1` ready',
          'the readiness path does not answer 200 to 399',
          `${describe}: the events show the status`,
        ],
        [
          'restarts, `Liveness probe failed`',
          'the liveness path does not answer: the event loop is blocked',
          `${describe}; ${previous}`,
        ],
        ['`OOMKilled`, exit status 137', 'more memory than `memory`', describe],
        ['`Evicted`', 'the node is short of memory or disk, or the pod logs more than its limit', describe],
        ['exit status 78', 'a secret cannot be read', code(`kubectl get secrets --namespace ${namespace}`)],
        [
          'no pods at all',
          'the Pod Security Standard or a quota refuses them',
          code(`kubectl describe replicasets --namespace ${namespace}`),
        ],
        ...databaseFailures(
          cluster.stack,
          ({ node }) => `kubectl logs --namespace ${namespace} deployment/${objectName(node.id, cluster)}`,
        ),
        ...edgeFailures(cluster),
      ],
    },
  ];
}

function edgeFailures(cluster: Cluster): string[][] {
  const { stack, namespace, name } = cluster;
  const logs = code(`kubectl logs --namespace ${namespace} deployment/${name}-nginx --all-pods`);
  return [
    ...(hasNginx(stack)
      ? [
          [
            '502 or 504 from nginx',
            'no pod is ready (name servers may still say so in the first 5 s of a first deployment), or a request took longer than `requestTimeout`',
            logs,
          ],
          ['413 from nginx', 'the body is larger than `bodyLimit`', 'raise it in the stack'],
          ...rateLimited(stack),
          ['421 from nginx', 'no app has this Host', '`hosts` in the stack'],
        ]
      : []),
    ...(endsTls(stack)
      ? tlsFailures(
          storedCertificate(cluster),
          `kubectl logs --namespace ${namespace} deployment/${name}-nginx --all-pods`,
        )
      : []),
    ...(hasIngressTls(stack)
      ? [
          [
            'browsers are shown a certificate of the controller',
            'its Secret is missing, of another type than `kubernetes.io/tls`, or for other hosts',
            code(storedCertificate(cluster)),
          ],
        ]
      : []),
    ...(hasNginx(stack) && !hasRoutes(stack)
      ? [
          [
            '`EXTERNAL-IP` `<pending>`',
            'nothing gives addresses to load balancers',
            code(`kubectl describe service ${name}-nginx --namespace ${namespace}`),
          ],
        ]
      : []),
    ...(hasRoutes(stack)
      ? [
          [
            '404 or 503 from the edge',
            'the controller does not know the route, or has no pod to send to',
            code(`kubectl describe ${stack.gateway ? 'httproutes' : 'ingresses'} --namespace ${namespace}`),
          ],
        ]
      : []),
  ];
}
