/** Every name under which a third-party image can be replaced. */
export const THIRD_PARTY_NAMES: readonly string[] = ['certbot', 'nginx', 'postgres', 'python', 'redis'];
