import { code, type MarkdownSection } from '../../formats/markdown.js';
import { yamlDocuments } from '../../formats/yaml.js';
import { hiddenNote, measuredApps, type MeasuredApp } from '../readme-metrics.js';
import { hasNginx, type Cluster } from './cluster.js';
import { workload } from './workload.js';

/** How a Prometheus finds the pods; nothing where no app tells metrics. */
export function metrics(cluster: Cluster): MarkdownSection[] {
  const measured = measuredApps(cluster.stack);
  if (measured.length === 0) return [];
  return [
    [
      'Metrics',
      `The pods have the annotations ${code('prometheus.io/scrape')}, ${code('port')} and ${code('path')}, by which the usual configuration of Prometheus finds them; one process runs in each. Their NetworkPolicy must let the scraper in: ${code('metrics.from')} or ${code('allowFrom')} in the stack.`,
      ...(hasNginx(cluster.stack) ? hiddenNote(measured) : []),
      'The Prometheus Operator reads no annotations, but this; what labels it must have, the Prometheus says in its `podMonitorSelector`:',
      { yaml: yamlDocuments(measured.map((one) => podMonitor(one, cluster))) },
    ],
  ];
}

function podMonitor({ app, path }: MeasuredApp, cluster: Cluster): object {
  const { name, selector } = workload(app.node.id, 'app', cluster);
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PodMonitor',
    metadata: { name, namespace: cluster.namespace },
    spec: { selector, podMetricsEndpoints: [{ port: 'http', path }] },
  };
}
