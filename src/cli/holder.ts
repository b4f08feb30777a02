import { hostname, userInfo } from 'node:os';

/** Who deploys, as a ledger and a lock name it: `ada@laptop`. */
export function holder(): string {
  return `${user()}@${hostname()}`;
}

function user(): string {
  try {
    return userInfo().username;
  } catch {
    // A uid without a name, as in many containers of CI.
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
