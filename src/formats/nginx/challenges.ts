import { bare } from './words.js';

/** Where a certificate authority asks (RFC 8555, 8.3). */
const PATH = '/.well-known/acme-challenge/';

/** No app has an underscore in its name. */
const UPSTREAM = 'acme_challenges';

/** Whoever answers the certificate authority; looked up again each second, as apps are. */
export function challengeUpstream(server: string): string {
  return `    upstream ${UPSTREAM} {
        zone ${UPSTREAM} 128k;
        server ${bare(server)} resolve max_fails=0;
    }

`;
}

/** Location of a server with hosts. Before every pattern of an app, and never sent to HTTPS: there may be no certificate yet. */
export function challengeLocation(): string {
  return `        location ^~ ${PATH} {
            proxy_pass http://${UPSTREAM};
        }
`;
}
