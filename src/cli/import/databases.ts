import { POSTGRES_VERSIONS } from '../../model/postgres.js';
import { IMAGE_REFERENCE } from '../../model/values.js';
import type { ComposeFile } from '../../sources/compose/compose-file.js';
import { imageParts } from '../../sources/compose/images.js';
import { commandOf } from '../../sources/compose/words.js';
import { entryAt, nodeAt } from '../../sources/compose/node.js';
import type { DraftDatabase, RoledService } from './draft.js';
import { variablesOf, type GivenVariable } from './environment.js';
import { placeOf, type Notebook } from './notebook.js';
import { memoryOf } from './resources.js';

/** A database before its password is known to be shared. */
export interface FoundDatabase {
  readonly draft: DraftDatabase;
  /** The variable with its password, or that names the file with it. */
  readonly password: GivenVariable | undefined;
}

export interface FoundDatabases {
  readonly all: readonly FoundDatabase[];
  /** Images that take the place of ours, by name. */
  readonly images: Readonly<Record<string, string>>;
}

interface Place {
  readonly compose: ComposeFile;
  readonly book: Notebook;
  readonly idOf: (service: string) => string;
}

/** The databases of a Compose file. */
export function databasesOf(services: readonly RoledService[], place: Place): FoundDatabases {
  const images: Record<string, string> = {};
  const all = services.flatMap((one): FoundDatabase[] => {
    if (one.role === 'postgres') return [postgres(one, images, place)];
    if (one.role === 'redis') return [redis(one, images, place)];
    return [];
  });
  return { all, images };
}

function postgres({ service, image = '' }: RoledService, images: Record<string, string>, place: Place): FoundDatabase {
  const { id, at, node } = service;
  const { name, tag } = imageParts(image);
  const imageAt = entryAt(node, 'image')?.at ?? at;
  const asked = /(?:^|pg)(\d+)/.exec(tag)?.[1];
  const version = POSTGRES_VERSIONS.find((one) => one === asked) ?? '18';
  if (asked === undefined)
    place.book.note(
      `${placeOf(imageAt)} names no version of PostgreSQL: ${version} is written, which cannot read the files of an older one`,
    );
  else if (asked !== version)
    place.book.lose(
      imageAt,
      `services.${id}.image`,
      `PostgreSQL ${asked} is not offered, and ${version} cannot read its files; dump there, and restore here`,
    );
  if (name !== 'postgres' && version === asked)
    replaceImage(images, { name: 'postgres', image, at: placeOf(imageAt), book: place.book });
  const variables = variablesOf(place.compose, service, place.book);
  const value = (...names: string[]) => variables.find((one) => names.includes(one.name) && one.value !== '');
  const user = identifier(value('POSTGRES_USER', 'POSTGRESQL_USERNAME'), id, place.book);
  const database = identifier(value('POSTGRES_DB', 'POSTGRESQL_DATABASE'), id, place.book) ?? user;
  dataNote(service.node, { id, place, how: 'pg_dump there, and psql here' });
  return {
    draft: {
      kind: 'postgres',
      id: place.idOf(id),
      service: id,
      version,
      database,
      user: user ?? (database === undefined ? undefined : 'postgres'),
      password: undefined,
      evict: false,
      memory: memoryOf(node, 1),
      from: placeOf(at),
    },
    password: variables.find(({ name: one }) => /^(POSTGRES|POSTGRESQL)_PASSWORD(_FILE)?$/.test(one)),
  };
}

function identifier(variable: GivenVariable | undefined, id: string, book: Notebook): string | undefined {
  if (!variable || /^[a-z_][a-z0-9_]{0,62}$/.test(variable.value)) return variable?.value;
  book.lose(
    variable.at,
    `services.${id}.environment.${variable.name}`,
    'a name must have lower-case letters, digits and "_" here; the one of the construct is taken',
  );
  return undefined;
}

function redis({ service, image = '' }: RoledService, images: Record<string, string>, place: Place): FoundDatabase {
  const { id, at, node } = service;
  const { name, tag } = imageParts(image);
  const imageAt = entryAt(node, 'image')?.at ?? at;
  const [asked = '8'] = /^\d+/.exec(tag) ?? [];
  if (name === 'redis' && asked !== '8')
    place.book.note(`${placeOf(imageAt)} runs Redis ${asked}, and the stack has 8, which reads what that has stored`);
  if (name === 'valkey') replaceImage(images, { name: 'redis', image, at: placeOf(imageAt), book: place.book });
  if (name.startsWith('redis-stack')) place.book.note(`${placeOf(imageAt)} runs ${name}: Redis 8 has its modules`);
  const words = commandOf(nodeAt(node, 'entrypoint'), nodeAt(node, 'command'))?.words.join(' ') ?? '';
  dataNote(node, { id, place, how: 'copy its appendonlydir, or let it fill anew' });
  return {
    draft: {
      kind: 'redis',
      id: place.idOf(id),
      service: id,
      version: '8',
      database: undefined,
      user: undefined,
      password: undefined,
      evict: /maxmemory-policy\s+allkeys-l[rf]u/.test(words),
      memory: memoryOf(node, 1),
      from: placeOf(at),
    },
    password: variablesOf(place.compose, service, place.book).find(({ name: one }) =>
      /^(REDIS|VALKEY)_PASSWORD$/.test(one),
    ),
  };
}

interface Replacement {
  readonly name: string;
  readonly image: string;
  readonly at: string;
  readonly book: Notebook;
}

/** An image of its own is kept; without a version it would be another one tomorrow. */
function replaceImage(images: Record<string, string>, { name, image, at, book }: Replacement): void {
  if (!IMAGE_REFERENCE.test(image)) return;
  if (images[name] !== undefined && images[name] !== image)
    book.note(`${at} runs ${image}, and a stack has one image for all of its kind: ${images[name]}`);
  images[name] ??= image;
}

function dataNote(
  node: RoledService['service']['node'],
  { id, place, how }: { id: string; place: Place; how: string },
): void {
  const volumes = entryAt(node, 'volumes');
  if (volumes)
    place.book.drop(
      volumes.at,
      `services.${id}.volumes`,
      `its data lies in a volume of the stack, which begins empty; to take it along: ${how}`,
    );
}
