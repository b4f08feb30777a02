import type { PostgresVersion } from '../model/postgres.js';
import type { RedisVersion } from '../model/redis.js';
import { PYTHON_IMAGES } from '../sources/python-images.js';

/** Images of PostgreSQL by its major version. */
export const POSTGRES_IMAGES: Readonly<Record<PostgresVersion, string>> = {
  '15': 'postgres:15.19-trixie',
  '16': 'postgres:16.15-trixie',
  '17': 'postgres:17.11-trixie',
  '18': 'postgres:18.6-trixie',
};

/** Images of Redis by its major version. */
export const REDIS_IMAGES: Readonly<Record<RedisVersion, string>> = { '8': 'redis:8.10.2' };

/** Third-party images by the name under which a stack can replace them: full versions, never a floating tag. */
export const THIRD_PARTY_IMAGES = {
  certbot: 'certbot/certbot:v5.8.0',
  nginx: 'nginx:1.30.4',
} as const;

/** Every name under which a third-party image can be replaced. */
export const THIRD_PARTY_NAMES: readonly string[] = [...Object.keys(THIRD_PARTY_IMAGES), 'postgres', 'python', 'redis'];

/** The official Python image for a minor version that a source folder asks for. */
export function pythonImage(minor: string): string {
  const image = PYTHON_IMAGES[minor];
  if (image === undefined) throw new Error(`no image for Python ${minor}`);
  return image;
}
