import type { ComposeService } from '../../formats/compose.js';
import type { AsgiApp } from '../../model/app.js';
import type { Stack } from '../../model/stack.js';
import { staticId, withStatic } from '../../model/tree.js';
import { contentHash, hasDigest, toOutput, sourceOf, type Context } from '../context.js';
import {
  dockerStaticConfig,
  dockerStaticFiles,
  STATIC_LIMITS,
  STATIC_SCRIPT,
  STATIC_SCRIPT_PATH,
  STATIC_TMPFS,
  staticConfigPath,
  staticContainer,
} from '../static-containers.js';
import { isStaticBuilt, staticBuilds, staticFolder, staticImage } from '../statics.js';
import type { OutputFile } from '../target.js';
import { buildSecret } from './app.js';

/** nginx with the static files of an app: `synth deploy` starts a new one beside the old one, as it does with the app. */
export function staticService(app: AsgiApp, context: Context): ComposeService {
  const { labels, ...container } = staticContainer(app, context);
  return {
    ...container,
    ...(isStaticBuiltByCompose(app, context) ? { build: build(app, context) } : {}),
    security_opt: ['no-new-privileges:true'],
    volumes: [
      { type: STATIC_TMPFS.type, target: STATIC_TMPFS.target, tmpfs: { size: STATIC_TMPFS.size, mode: 0o1777 } },
    ],
    restart: 'unless-stopped',
    deploy: { resources: { limits: STATIC_LIMITS } },
    labels: {
      ...labels,
      // Compose does not look into mounted files.
      'asgi-synth.config': contentHash([STATIC_SCRIPT, configText(app, context)].join('\0')),
    },
  };
}

/** What has a digest is in a registry; Docker refuses to give a new image that name. */
export function isStaticBuiltByCompose(app: AsgiApp, context: Context): boolean {
  return isStaticBuilt(app, context) && !hasDigest(staticImage(app, context));
}

function build(app: AsgiApp, context: Context): NonNullable<ComposeService['build']> {
  const own = staticBuilds(context).find((one) => one.app === app);
  return {
    context: staticFolder(app, context),
    // Compose takes the path from the context, not from its own file.
    dockerfile:
      app.source === undefined
        ? 'Dockerfile'
        : toOutput(sourceOf(app, context).context, `${staticId(app)}/Dockerfile`, context),
    secrets: (own?.secrets ?? []).map(({ id }) => ({ source: buildSecret(app, id), target: id })),
  };
}

function configText(app: AsgiApp, context: Context): string {
  return dockerStaticConfig(app, context, hostOf);
}

/** The configs of static files, by key. */
export function staticConfigs(stack: Stack): Record<string, { readonly file: string }> {
  const apps = withStatic(stack);
  if (apps.length === 0) return {};
  return {
    static: { file: `./${STATIC_SCRIPT_PATH}` },
    ...Object.fromEntries(apps.map((app) => [staticId(app), { file: `./${staticConfigPath(app)}` }])),
  };
}

/** The files that the containers of static files get. */
export function staticFiles(context: Context): OutputFile[] {
  return dockerStaticFiles(context, hostOf);
}

/** Name under which all containers of a service are found. */
function hostOf(id: string): string {
  return id;
}
