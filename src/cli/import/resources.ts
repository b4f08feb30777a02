import { textAt, type ComposeNode } from '../../sources/compose/node.js';

const MEBIBYTE = 2 ** 20;
const UNITS: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: MEBIBYTE, g: 2 ** 30, t: 2 ** 40 };

/** Bytes of a size as Compose spells it: `512M`, `1.5gb`, `300000000`. */
export function composeBytes(text: string): number | undefined {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?$/i.exec(text.trim()) ?? [];
  return number === '' ? undefined : Math.round(Number(number) * (UNITS[unit.toLowerCase()] ?? 1));
}

/** Seconds of a time as Compose spells it: `1m30s`. */
export function composeSeconds(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(h|ms|m|s|us|ns))+$/.test(text)) return undefined;
  const units: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001, us: 0, ns: 0 };
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s|us|ns)/g)];
  return Math.ceil(parts.reduce((sum, [, number, unit = 's']) => sum + Number(number) * (units[unit] ?? 0), 0));
}

/** Memory of one of the processes in a container, in Kubernetes spelling; what a process manager takes is left out. */
export function memoryOf(node: ComposeNode, processes: number): string | undefined {
  const text = textAt(node, 'deploy', 'resources', 'limits', 'memory') ?? textAt(node, 'mem_limit');
  const bytes = text === undefined ? undefined : composeBytes(text);
  if (bytes === undefined) return undefined;
  const manager = processes > 1 ? 64 * MEBIBYTE : 0;
  const each = Math.floor((bytes - manager) / processes / MEBIBYTE);
  return each % 1024 === 0 && each > 0 ? `${each / 1024}Gi` : `${Math.max(64, each)}Mi`;
}

/** Cores of one of the processes in a container. */
export function cpuOf(node: ComposeNode, processes: number): number | undefined {
  const text = textAt(node, 'deploy', 'resources', 'limits', 'cpus') ?? textAt(node, 'cpus');
  const cores = text === undefined ? Number.NaN : Number(text);
  if (!(cores > 0)) return undefined;
  return Math.min(64, Math.max(0.01, Math.floor((cores / processes) * 100) / 100));
}

/** How many containers of a service there are. */
export function replicasOf(node: ComposeNode): number {
  const text = textAt(node, 'deploy', 'replicas') ?? textAt(node, 'scale') ?? '1';
  return /^[1-9]\d{0,2}$/.test(text) ? Number(text) : 1;
}
