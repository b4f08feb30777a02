import type { Stack } from '../model/stack.js';
import { elsewhere, emulated, native, type Support } from './support.js';

/** What the SDKs read is the same everywhere. */
export const TELEMETRY = native('environment, and the start shim sets the variables of secrets');

/** How an app logs on its server. */
export const jsonLogs = (server: string) => emulated(`a logging configuration of ours for ${server}`);

/** Who gives requests their ids. */
export function requestIds({ requestId }: Stack): Support {
  return requestId ? emulated('nginx of ours: $request_id') : elsewhere('answers tell no id');
}
