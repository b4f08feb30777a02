import { code, type MarkdownPart } from '../formats/markdown.js';
import { staticId, withStatic } from '../model/tree.js';
import { fromOutput, type Context } from './context.js';
import { staticImage, staticPath } from './statics.js';

/**
 * Who answers with files, as a table; nothing where the apps answer everything.
 *
 * @param promise what of an update this target promises
 */
export function staticTable(context: Context, promise: string): MarkdownPart[] {
  const apps = withStatic(context.stack);
  if (apps.length === 0) return [];
  const rows = apps.flatMap((app) =>
    app.static.map(({ path, folder, command }) => [
      code(`${staticPath(app, path)}/`),
      code(staticId(app)),
      code(staticImage(app, context)),
      `${code(app.source === undefined ? folder : fromOutput(`${app.source}/${folder}`, context))}${command === undefined ? '' : ', made by its build'}`,
    ]),
  );
  return [
    `Static files are answered by an nginx of their own, whose image holds them; the app is never asked for them. A container that does not have a file asks the others, so that during an update files of both versions can be had from each. ${promise}`,
    { rows: [['path', 'service', 'image', 'from'], ...rows] },
  ];
}
