const SECRET_NAME =
  /(^|_)(PASSWORD|PASSWD|PASSPHRASE|SECRET|SECRET_KEY|TOKEN|API_?KEY|PRIVATE_KEY|ACCESS_KEY|CREDENTIALS)$/i;
const SECRET_VALUE = /^[a-z][a-z0-9+.-]*:\/\/[^\s/@:]*:[^\s/@]+@|-----BEGIN [A-Z ]*PRIVATE KEY-----/;

/** Names of the variables that are secrets by their name or value; everybody who can read an output would read them. */
export function secretLookingVariables(environment: Readonly<Record<string, string>>): string[] {
  return Object.keys(environment).filter((name) => looksSecret(name, environment[name] ?? ''));
}

/** Whether something is a secret by its name alone: a variable `DB_PASSWORD`, a key `apiKey` or `client-secret`. */
export function namesSecret(name: string): boolean {
  return SECRET_NAME.test(name.replaceAll('-', '_').replace(/([a-z0-9])([A-Z])/g, '$1_$2'));
}

/** A path or nothing is no secret, whatever its name: `DB_PASSWORD: '/run/secrets/db_password'` only says where one is. */
export function looksSecret(name: string, value: string): boolean {
  if (value === '') return false;
  return SECRET_VALUE.test(value) || (SECRET_NAME.test(name) && !value.startsWith('/'));
}
