import { emulated, native } from './support.js';

/** What the SDKs read is the same everywhere. */
export const TELEMETRY = native('environment, and the start shim sets the variables of secrets');

/** How an app logs on its server. */
export const jsonLogs = (server: string) => emulated(`a logging configuration of ours for ${server}`);
