import { STATIC_ROOT } from '../dockerfile/static.js';
import { comment, resolver, type NginxResolver } from './shared.js';
import { bare, pattern, quoted } from './words.js';

/** Values of an `nginx.conf` that answers with files alone. */
export interface NginxStaticValues {
  /** Lines above everything, without `#`. */
  readonly header: readonly string[];
  readonly port: number;
  /** Port on which others ask for a file that they do not have. */
  readonly peersPort: number;
  /** Name of all who have files of this or another version. */
  readonly peers: string;
  /** Address and port that answers `/healthz`. */
  readonly status: string;
  readonly resolver: NginxResolver;
  /** Seconds for which answers may outlast a stop. */
  readonly shutdown: number;
  /** File that need not be there: while it is, who asks is told to use another connection. */
  readonly leaving: string;
  readonly folders: readonly NginxFolder[];
}

export interface NginxFolder {
  /** Path of the URL, without a slash at its end. */
  readonly path: string;
  /** Whether none of its files ever changes; undefined where its name tells. */
  readonly hashed: boolean | undefined;
  /** Seconds for which any other is used unasked. */
  readonly maxAge: number;
}

/**
 * Text of the configuration. A file that is not here may be part of another version, of which a container still runs, or runs already:
 * the others are asked for it, at a port where nobody asks on.
 */
export function nginxStaticConfig(values: NginxStaticValues): string {
  const { port, peersPort, folders } = values;
  return `${comment(values.header)}
worker_processes 1;
worker_rlimit_nofile 8192;
worker_shutdown_timeout ${values.shutdown}s;
pid /tmp/nginx.pid;
error_log stderr warn;
daemon off;

events {
    worker_connections 2048;
}

http {
    ${resolver(values.resolver)}
    resolver_timeout 2s;
    server_tokens off;
    map_hash_bucket_size 512;
    access_log off;
    client_body_temp_path /tmp/client_body;
    proxy_temp_path /tmp/proxy;
    fastcgi_temp_path /tmp/fastcgi;
    uwsgi_temp_path /tmp/uwsgi;
    scgi_temp_path /tmp/scgi;
    client_max_body_size 1k;
    keepalive_timeout 75s;
    keepalive_requests 100000;
    sendfile on;
    tcp_nopush on;
    log_not_found off;

${types()}
    # Compressed when the image was built.
    gzip_static on;
    gzip_vary on;

    map $uri $cache_control {
        default "";
${folders.map(lifetime).join('')}    }

    upstream peers {
        zone peers 128k;
        server ${bare(values.peers)}:${peersPort} resolve max_fails=0;
    }

    server {
        listen ${values.status};
        location = /healthz {
            return 204;
        }
    }

    server {
        listen ${port} default_server;
        root ${STATIC_ROOT};
${told(values.leaving)}
        location / {
            return 404;
        }
${hidden()}${folders.map(({ path }) => location(path, '@peers')).join('')}        location @peers {
            proxy_pass http://peers;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_connect_timeout 1s;
            proxy_read_timeout 10s;
            proxy_next_upstream error timeout http_404;
            proxy_next_upstream_tries 4;
            proxy_max_temp_file_size 0;
            error_page 502 504 = @nowhere;
        }
        location @nowhere {
            return 404;
        }
    }

    server {
        listen ${peersPort} default_server;
        root ${STATIC_ROOT};
        set $leaving "";
        location / {
            return 404;
        }
${hidden()}${folders.map(({ path }) => location(path, '=404')).join('')}    }
}
`;
}

function told(leaving: string): string {
  return `        set $leaving "";
        if (-f ${bare(leaving)}) {
            set $leaving close;
        }
`;
}

/** No folder is listed, and none has a page of its own. */
function location(path: string, otherwise: string): string {
  return `        location ${quoted(`${path}/`)} {
            try_files $uri ${otherwise};
            add_header Cache-Control $cache_control;
            add_header X-Content-Type-Options nosniff always;
            add_header Connection $leaving;
        }
`;
}

function hidden(): string {
  return `        location ~ "/\\.(?!well-known/)" {
            return 404;
        }
`;
}

const FOREVER = 'public, max-age=31536000, immutable';

/** A hash of the content in the name: letters and figures, so that neither a word nor a date is one. */
const HASHED = String.raw`(.*/)?[^/]*[.-](?=[0-9a-f]*[a-f])(?=[0-9a-f]*[0-9])[0-9a-f]{8,64}\.[^/]+$`;

function lifetime({ path, hashed, maxAge }: NginxFolder): string {
  const place = `~^${pattern(path)}/`;
  const line = (match: string, value: string) => `        "${match}" "${value}";\n`;
  return [
    ...(hashed === undefined ? [line(place + HASHED, FOREVER)] : []),
    line(place, hashed === true ? FOREVER : `public, max-age=${maxAge}`),
  ].join('');
}

/** What browsers load (IANA's list of media types): the file of an nginx lacks some of it, which one depends on its version. */
const TYPES: Readonly<Record<string, string>> = {
  'application/json': 'json map',
  'application/manifest+json': 'webmanifest',
  'application/pdf': 'pdf',
  'application/wasm': 'wasm',
  'application/xml': 'xml',
  'application/zip': 'zip',
  'audio/mpeg': 'mp3',
  'audio/ogg': 'oga ogg opus',
  'font/otf': 'otf',
  'font/ttf': 'ttf',
  'font/woff': 'woff',
  'font/woff2': 'woff2',
  'image/avif': 'avif',
  'image/gif': 'gif',
  'image/jpeg': 'jpeg jpg',
  'image/png': 'png',
  'image/svg+xml': 'svg',
  'image/webp': 'webp',
  'image/x-icon': 'ico',
  'text/css': 'css',
  'text/csv': 'csv',
  'text/html': 'htm html',
  'text/javascript': 'js mjs',
  'text/markdown': 'md',
  'text/plain': 'txt',
  'video/mp4': 'm4v mp4',
  'video/webm': 'webm',
};

function types(): string {
  const lines = Object.entries(TYPES).map(([type, endings]) => `        ${type} ${endings};\n`);
  return `    default_type application/octet-stream;
    charset utf-8;
    charset_types application/json application/manifest+json application/xml image/svg+xml text/css text/csv text/javascript text/markdown text/plain;
    types {
${lines.join('')}    }
`;
}
