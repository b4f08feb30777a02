import { HOST_NAME } from '../../model/values.js';
import type { Discovery } from '../../sources/discovery/discover.js';
import { isStackName } from './questions.js';

/** The name of a project as a stack may have it. */
export function offeredName(name: string): string {
  const plain = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, 30)
    .replace(/-+$/, '');
  return isStackName(plain) ? plain : 'app';
}

/** The hosts that the application itself lets in, as far as they are names of this world. */
export function offeredHosts({ trustedHosts }: Discovery): string[] {
  const hosts = (trustedHosts?.value ?? []).map((host) => host.toLowerCase());
  if (hosts.some((host) => host.includes('*'))) return [];
  return hosts.filter((host) => HOST_NAME.test(host) && host.includes('.') && !/^[\d.]+$/.test(host));
}
