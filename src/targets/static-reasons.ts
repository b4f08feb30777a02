import { below, together, type Reasons } from './reasons.js';

const nginx = (module: string, directive: string) => `https://nginx.org/en/docs/http/${module}.html#${directive}`;
const core = (directive: string) => nginx('ngx_http_core_module', directive);

const IMAGE: Reasons = {
  'app.FROM': { why: 'what folders come from that are no part of the source', from: ['static', 'image'] },
  'app.ENV.*': { why: 'a home that can be written, the packages before those of the system, no bytecode' },
  'app.WORKDIR': { why: 'the folder of the source' },
  'app.RUN.*': { why: 'makes a folder of files', from: ['static'] },
  'files.FROM': { why: 'a stage to tidy up in: nothing but files leaves it', from: ['Stack.images'] },
  'files.USER': { why: 'root: an nginx image of yours may have another user, who could not tidy up' },
  'files.COPY.*': { why: 'a folder of files, at the path of its URL', from: ['static', 'pathPrefix'] },
  'files.RUN.*': {
    why: 'no hidden files; texts compressed now rather than for each who asks; everything readable for uid 10001',
  },
  'run.FROM': { why: 'nginx, to which nothing is added but files', from: ['Stack.images'] },
  'run.COPY.*': { why: 'the files, some beside a compressed one' },
  'run.USER': { why: 'no root, also where nobody says so at run time' },
  'run.EXPOSE': { why: 'tells tools and people the port' },
  'run.HEALTHCHECK': { why: 'none in the image: the stack has the check' },
};

const PROCESS: Reasons = {
  worker_processes: { why: 'one worker: all it does is send files' },
  worker_shutdown_timeout: { why: 'seconds for which a download may go on when the container stops' },
  'events.worker_connections': { why: 'connections of the worker, to the edge and to other containers together' },
  'http.resolver|include': { why: 'the name server to ask for the other containers each second' },
  'http.map_hash_bucket_size': { why: 'room for long paths: nginx does not start without' },
  'http.access_log': { why: 'the edge in front logs requests, once' },
  'http.client_max_body_size': { why: 'nobody has anything to send here' },
  'http.keepalive_timeout': {
    why: 'longer than nginx of ours keeps an idle connection, so that it never writes into one that is just closing',
  },
  'http.keepalive_requests': {
    why: 'the edge keeps its connections, which would end after 1000 requests',
    source: core('keepalive_requests'),
  },
  'http.sendfile|tcp_nopush': { why: 'the kernel sends files itself, in full packets', source: core('sendfile') },
  'http.log_not_found': { why: 'a file that is not there is no error of this nginx: the edge logs the 404' },
};

const ANSWERS: Reasons = {
  'http.default_type': { why: 'the type of everything that is not below: browsers show none of it' },
  'http.charset|charset_types': { why: 'texts are UTF-8' },
  'http.types.*': { why: 'the endings that have this type' },
  'http.gzip_static': {
    why: 'whoever takes it gets the compressed file that the image has beside another one',
    source: nginx('ngx_http_gzip_static_module', 'gzip_static'),
  },
  'http.gzip_vary': { why: 'tells caches that the answer depends on Accept-Encoding' },
  'http.map.$cache_control.**': {
    why: 'how long clients keep a file: a year where it never changes under its name',
    from: ['static'],
    source: 'RFC 8246',
  },
  'http.upstream': { why: 'all containers with these files: during an update some have those of the other version' },
  'http.upstream.zone': { why: 'memory in which the addresses are' },
  'http.upstream.server': { why: 'the name under which every container is found, asked for again and again' },
  'http.server': { why: 'one for the health check, one for the edge, and one for the other containers' },
  'http.server.root': { why: 'where the files are, each at the path of its URL' },
  'http.server.location.return': { why: 'nothing else is here, and names that begin with a dot are nobody’s' },
  'http.server.location.try_files': {
    why: 'the file; where it is not here, the other containers are asked, who ask nobody in turn',
  },
  'http.server.location.add_header.Cache-Control': { why: 'how long clients keep it', from: ['static'] },
  'http.server.location.add_header.X-Content-Type-Options': { why: 'browsers believe the type and guess no other' },
  'http.server.location."@anew".proxy_http_version|proxy_set_header.**': {
    why: 'HTTP/1.1, without what the client says of its own connection',
  },
  'http.server.location."@anew".proxy_connect_timeout|proxy_read_timeout': {
    why: 'a container that is gone must not hold requests up',
  },
  'http.server.location."@anew".proxy_next_upstream|proxy_next_upstream_tries': {
    why: 'where one has no such file another is asked',
    source: nginx('ngx_http_proxy_module', 'proxy_next_upstream'),
  },
  'http.server.location."@anew".proxy_max_temp_file_size': { why: 'never spools an answer: /tmp is memory' },
  'http.server.location."@anew".proxy_pass': { why: 'asks the containers, one of which may have the file' },
  'http.server.location."@anew".error_page|return': { why: 'no container answers: the file is not there' },
  'http.server.location."@anew"': { why: 'for a file that is not here: the other containers, and then 404' },
  'http.server.location': { why: 'one folder of files; or what is refused', from: ['static', 'pathPrefix'] },
};

/** Why each line is there of what an nginx with static files is built from, and of its configuration. */
export const STATIC_REASONS: Reasons = together(
  below('Static.Dockerfile', IMAGE),
  below('Static."nginx.conf"', together(PROCESS, ANSWERS)),
);
