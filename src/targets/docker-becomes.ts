import type { IConstruct } from 'constructs';
import { ConfigFile } from '../model/config-file.js';
import { Schedule } from '../model/schedule.js';
import { Secret } from '../model/secret.js';
import { Volume } from '../model/volume.js';

/** What Docker makes of a construct that both Compose and a Swarm make alike; undefined for any other. */
export function dockerBecomes(construct: IConstruct, name: string): string | undefined {
  const { id } = construct.node;
  if (construct instanceof Volume) return `volume ${name}_${id}`;
  if (construct instanceof ConfigFile) return `config, from files/${id}`;
  if (construct instanceof Schedule) return `service ${id} with a scheduler`;
  if (construct instanceof Secret && construct.external !== undefined) return `secret ${construct.external}`;
  return undefined;
}
