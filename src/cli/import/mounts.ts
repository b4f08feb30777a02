import { posix } from 'node:path';
import type { Position } from '../../errors.js';
import type { ComposeFile, ComposeService } from '../../sources/compose/compose-file.js';
import { entriesAt, itemsOf, nodeAt, textAt, type ComposeNode } from '../../sources/compose/node.js';
import type { DraftFile, DraftMount, DraftSecret } from './draft.js';
import { snakeCase, type Names } from './names.js';
import { placeOf, type Notebook } from './notebook.js';
import { pathInProject } from './roles.js';

/** What services mount, gathered for the whole stack. */
export class Mounts {
  readonly volumes: { id: string; from: string }[] = [];
  readonly files: DraftFile[] = [];
  readonly secrets: DraftSecret[] = [];
  private readonly known = new Map<string, string>();
  private readonly compose: ComposeFile;
  private readonly names: Names;
  private readonly book: Notebook;

  constructor(compose: ComposeFile, names: Names, book: Notebook) {
    this.compose = compose;
    this.names = names;
    this.book = book;
  }

  /** Named volumes of a service. */
  volumesOf(service: ComposeService): DraftMount[] {
    return mountsIn(service)
      .flatMap((mount) => {
        if (mount.kind !== 'volume') return [];
        const { source, target, at, path } = mount;
        if (/\/(\.venv|venv|node_modules|__pycache__|site-packages)$/.test(target) || source === '') {
          this.book.drop(at, path, 'what it keeps away from the code of the host is in the image here');
          return [];
        }
        return MOUNT_PATH.test(target) ? [{ path: target, id: this.volume(source, at) }] : [this.lost(mount)];
      })
      .flatMap((one) => one ?? []);
  }

  /** Files of the project that a service mounts, and its configs. */
  filesOf(service: ComposeService): DraftMount[] {
    const bound = mountsIn(service).flatMap((mount) => {
      if (mount.kind !== 'bind') return [];
      const id = this.boundFile(mount);
      return id === undefined ? [] : [{ path: mount.target, id }];
    });
    const configs = itemsOf(nodeAt(service.node, 'configs')).flatMap((item) => {
      const name = item.kind === 'scalar' ? item.text : (textAt(item, 'source') ?? '');
      const target = textAt(item, 'target') ?? `/${name}`;
      const id = this.config(name, item.at, `services.${service.id}.configs`);
      return id === undefined || !MOUNT_PATH.test(target) ? [] : [{ path: target, id }];
    });
    return [...bound, ...configs];
  }

  /** Secrets of a service, by id. */
  secretsOf({ id, node }: ComposeService): string[] {
    return itemsOf(nodeAt(node, 'secrets')).flatMap((item) => {
      const name = item.kind === 'scalar' ? item.text : (textAt(item, 'source') ?? '');
      if (name === '') return [];
      const secret = this.secretNamed(name, item.at);
      const target = textAt(item, 'target') ?? name;
      if (target !== secret)
        this.book.note(
          `services.${id}.secrets: ${name} is the file /run/secrets/${secret} in the stack, and not ${target}`,
        );
      return [secret];
    });
  }

  /** The secret that a Compose file declares under a name. */
  secretNamed(name: string, at: Position): string {
    const id = snakeCase(name);
    if (this.secrets.some((one) => one.id === id)) return id;
    const declared = nodeAt(this.compose.root, 'secrets', name);
    const file = textAt(declared, 'file');
    const path = file === undefined ? undefined : pathInProject(this.compose.folder, file);
    const isExternal = textAt(declared, 'external') === 'true';
    const variable = textAt(declared, 'environment');
    if (variable !== undefined && variable !== id.toUpperCase())
      this.book.note(`the secret ${id} has its value from ${id.toUpperCase()}, and no longer from ${variable}`);
    this.secrets.push({
      id,
      isVariable: false,
      file: path && `./${path}`,
      external: isExternal ? (textAt(declared, 'name') ?? name) : undefined,
      from: placeOf(at),
    });
    return id;
  }

  private volume(name: string, at: Position): string {
    const id = this.known.get(name) ?? this.names.idFor(name, 'volume');
    if (!this.known.has(name)) {
      this.known.set(name, id);
      this.volumes.push({ id, from: placeOf(at) });
      for (const [key, entry] of entriesAt(this.compose.root, 'volumes', name)) {
        const path = `volumes.${name}.${key}`;
        if (key === 'external' || key === 'name')
          this.book.lose(entry.at, path, 'the volume is one of the stack, which begins empty; copy what is to be kept');
        else if (key.startsWith('driver') && textAt(entry.node) !== 'local')
          this.book.lose(
            entry.at,
            path,
            'new Volume takes driver and driverOptions for Docker, and storageClass for Kubernetes',
          );
      }
    }
    return id;
  }

  private boundFile(mount: Mount): string | undefined {
    const path = pathInProject(this.compose.folder, mount.source);
    if (path !== undefined && HOLDS_SECRETS.test(path)) {
      this.book.lose(
        mount.at,
        mount.path,
        `${path} may hold secrets: make it a Secret with { file: './${path}' }, and read it from /run/secrets`,
      );
      return undefined;
    }
    const text = path === undefined ? undefined : this.compose.readText(path);
    if (
      path === undefined ||
      text === undefined ||
      text === '' ||
      text.length > LARGEST ||
      !MOUNT_PATH.test(mount.target)
    ) {
      this.lost(mount);
      return undefined;
    }
    const known = this.files.find(({ file }) => file === `./${path}`);
    if (known) return known.id;
    const id = this.names.idFor(posix.basename(path).replace(/\.[^.]*$/, ''), 'file');
    this.files.push({ id, file: `./${path}`, content: undefined, from: placeOf(mount.at) });
    return id;
  }

  private config(name: string, at: Position, path: string): string | undefined {
    const declared = nodeAt(this.compose.root, 'configs', name);
    const file = textAt(declared, 'file');
    const content = textAt(declared, 'content');
    const inside = file === undefined ? undefined : pathInProject(this.compose.folder, file);
    if (content === undefined && (inside === undefined || this.compose.readText(inside) === undefined)) {
      this.book.lose(
        at,
        path,
        `the config ${name} has neither a file that can be read nor content; make it a ConfigFile`,
      );
      return undefined;
    }
    const known = this.known.get(`config ${name}`);
    if (known !== undefined) return known;
    const id = this.names.idFor(name, 'file');
    this.known.set(`config ${name}`, id);
    this.files.push({ id, file: content === undefined ? `./${inside}` : undefined, content, from: placeOf(at) });
    return id;
  }

  private lost({ at, path, source, target, kind }: Mount): undefined {
    const message =
      kind === 'bind'
        ? source.endsWith('.sock')
          ? 'no container of a stack may reach the Docker engine; keep this Compose file for what must'
          : `${source} of the host: code is in the image here, and data belongs into a Volume`
        : `${target} cannot be the path of a Volume; use letters, digits, ".", "_" and "-"`;
    this.book.lose(at, path, message);
    return undefined;
  }
}

const MOUNT_PATH = /^(\/(?!\.{1,2}(\/|$))[A-Za-z0-9._-]+)+$/;
const LARGEST = 200_000;
const HOLDS_SECRETS = /(^|\/)\.env|\.(pem|key|crt|p12|pfx)$|secret|credential|password|service[-_]?account/i;

interface Mount {
  readonly kind: 'volume' | 'bind' | 'other';
  readonly source: string;
  readonly target: string;
  readonly at: Position;
  readonly path: string;
}

function mountsIn({ id, node }: ComposeService): Mount[] {
  return itemsOf(nodeAt(node, 'volumes')).map((item) => ({
    ...mountIn(item),
    at: item.at,
    path: `services.${id}.volumes`,
  }));
}

function mountIn(item: ComposeNode): Pick<Mount, 'kind' | 'source' | 'target'> {
  if (item.kind !== 'scalar') {
    const type = textAt(item, 'type') ?? 'volume';
    const kind = type === 'bind' || type === 'volume' ? type : 'other';
    return { kind, source: textAt(item, 'source') ?? '', target: textAt(item, 'target') ?? '' };
  }
  const [first = '', second] = item.text.split(':');
  const [source, target] = second === undefined ? ['', first] : [first, second];
  return { kind: /^[./~]/.test(source) ? 'bind' : 'volume', source, target: target.replace(/(?<=.)\/$/, '') };
}
