import { X509Certificate } from 'node:crypto';
import type { Plan } from '../plan.js';
import { checked, type Checked } from './check.js';

/** What clients of an nginx that serves HTTPS are shown: whether it holds still, and for every host. @param pem undefined where nothing was */
export function certificateChecks({ name, edge, apps }: Plan, pem: string | undefined, now = Date.now()): Checked[] {
  if (edge?.https === undefined) return [];
  const certificate = pem === undefined ? undefined : new X509Certificate(pem);
  if (certificate === undefined) return [checked('certificate', name, false, 'none was served')];
  const hosts = [...new Set([...apps.flatMap((app) => app.hosts ?? []), ...(edge.redirected ?? [])])];
  const unnamed = hosts.filter((host) => certificate.checkHost(host) === undefined);
  const end = new Date(certificate.validTo);
  const isGood = new Date(certificate.validFrom).getTime() <= now && now < end.getTime();
  return [
    checked('certificate holds', name, isGood, `until ${end.toISOString()}, ${daysLeft(end, now)}`),
    checked(
      'certificate names the hosts',
      name,
      unnamed.length === 0,
      unnamed.length === 0 ? hosts.join(', ') || 'any' : `not ${unnamed.join(', ')}`,
    ),
  ];
}

function daysLeft(end: Date, now: number): string {
  const days = Math.floor((end.getTime() - now) / 86_400_000);
  return days < 0 ? 'which is over' : `${days} day${days === 1 ? '' : 's'} left`;
}
