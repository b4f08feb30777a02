import type { ComposeService, UpdateConfig } from '../../formats/compose.js';
import type { AsgiApp } from '../../model/app.js';
import { staticId, withStatic } from '../../model/tree.js';
import type { Context } from '../context.js';
import {
  dockerStaticConfig,
  dockerStaticFiles,
  STATIC_LIMITS,
  STATIC_SCRIPT,
  STATIC_SCRIPT_PATH,
  STATIC_TMPFS,
  staticConfigPath,
  staticContainer,
  staticLabels,
} from '../static-containers.js';
import { STATIC_CPU, STATIC_OVERLAP, STATIC_REPLICAS } from '../statics.js';
import type { OutputFile } from '../target.js';
import { selectorConstraints } from './parts.js';

/** Replicas of nginx with the static files of an app. */
export function staticService(app: AsgiApp, context: Context): ComposeService {
  const { stack } = context;
  return {
    ...staticContainer(app, context),
    volumes: [{ type: STATIC_TMPFS.type, target: STATIC_TMPFS.target, tmpfs: { size: STATIC_TMPFS.size } }],
    deploy: {
      mode: 'replicated',
      replicas: STATIC_REPLICAS,
      endpoint_mode: stack.edge === 'none' ? 'vip' : 'dnsrr',
      labels: { ...stack.labels, ...staticLabels(app, context) },
      resources: { limits: { cpus: String(STATIC_CPU), ...STATIC_LIMITS } },
      placement: { constraints: selectorConstraints(app) },
      restart_policy: { condition: 'any', delay: '2s' },
      // The last container of the old version stays for that long, for pages that ask for its files.
      update_config: { ...update('rollback'), delay: `${STATIC_OVERLAP}s` },
      rollback_config: update('pause'),
    },
  };
}

function update(failure_action: UpdateConfig['failure_action']): UpdateConfig {
  return { parallelism: 1, order: 'start-first', failure_action, monitor: '20s', max_failure_ratio: 0 };
}

/** The files that the containers of static files get. */
export function staticFiles(context: Context): OutputFile[] {
  return dockerStaticFiles(context, hostOf);
}

/** Name under which all containers of a service are found. */
function hostOf(id: string): string {
  return `tasks.${id}`;
}

/** The configs of static files, by key. */
export function staticConfigs(
  context: Context,
): { readonly id: string; readonly path: string; readonly text: string }[] {
  const apps = withStatic(context.stack);
  if (apps.length === 0) return [];
  return [
    { id: 'static', path: STATIC_SCRIPT_PATH, text: STATIC_SCRIPT },
    ...apps.map((app) => ({
      id: staticId(app),
      path: staticConfigPath(app),
      text: dockerStaticConfig(app, context, hostOf),
    })),
  ];
}
