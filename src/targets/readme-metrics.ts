import { code, type MarkdownPart, type MarkdownSection } from '../formats/markdown.js';
import { yamlDocument } from '../formats/yaml.js';
import type { AsgiApp } from '../model/app.js';
import type { Stack } from '../model/stack.js';

/** An app that tells metrics, and where. */
export interface MeasuredApp {
  readonly app: AsgiApp;
  readonly path: string;
}

/** The apps that tell metrics. */
export function measuredApps({ apps }: Pick<Stack, 'apps'>): MeasuredApp[] {
  return apps.flatMap((app) => (app.metrics === undefined ? [] : [{ app, path: app.metrics.path }]));
}

/** What decides on one of the Docker targets how a Prometheus finds the processes. */
export interface Scraping {
  /** Name of the stack as deployed. */
  readonly name: string;
  /** Where the Prometheus must be, and what it finds there. */
  readonly where: string;
  /** DNS name that has the address of each container of an app. */
  hostOf(app: AsgiApp): string;
}

/** How a Prometheus on the network of the stack finds the containers; nothing where no app tells metrics. */
export function dockerMetrics(stack: Stack, { name, where, hostOf }: Scraping): MarkdownSection[] {
  const measured = measuredApps(stack);
  if (measured.length === 0) return [];
  const scrape_configs = measured.map(({ app, path }) => ({
    job_name: `${name}-${app.node.id}`,
    metrics_path: path,
    dns_sd_configs: [{ names: [hostOf(app)], type: 'A', port: app.port, refresh_interval: '5s' }],
  }));
  return [['Metrics', where, ...hiddenNote(measured), { yaml: yamlDocument({ scrape_configs }) }]];
}

/** Who asks the edge for a path that it does not give. */
export function hiddenNote(measured: readonly MeasuredApp[]): MarkdownPart[] {
  const hidden = measured.filter(({ app }) => app.metrics?.public === false).map(({ path }) => code(path));
  return hidden.length === 0
    ? []
    : [`From outside ${[...new Set(hidden)].join(', ')} is not to be seen: nginx answers 404.`];
}
