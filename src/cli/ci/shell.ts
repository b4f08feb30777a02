/** The command that npm ci installed, and no other: npx alone would fetch what has its name from the registry. */
export const SYNTH = 'npx --no -- synth';

/** Ends a job at once in which one is missing: without DEPLOY_HOST, docker means the engine of the job itself. */
export function whereSet(...variables: readonly string[]): string[] {
  return variables.map((variable) => `: "\${${variable}:?is not set}"`);
}

/** Writes the key that a command prints. ssh reads none that lacks its last line break, or has those of Windows, as pasted ones do. */
export function privateKey(printed: string): string[] {
  return ['install -m 600 /dev/null ~/.ssh/id_ed25519', `${printed} | tr -d '\\r' > ~/.ssh/id_ed25519`];
}

/** One connection for all commands: servers refuse many that are opened one after the other (docs.docker.com, "Protect the Docker daemon socket"). */
export const SSH_CONFIG = [
  "printf '%s\\n' 'ControlMaster auto' 'ControlPath ~/.ssh/%C' 'ControlPersist 60' > ~/.ssh/config",
];
