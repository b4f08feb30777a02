import { below, together, type Reasons } from './reasons.js';

const nginx = (module: string, directive: string) => `https://nginx.org/en/docs/http/${module}.html#${directive}`;
const core = (directive: string) => nginx('ngx_http_core_module', directive);
const proxy = (directive: string) => nginx('ngx_http_proxy_module', directive);
const main = (directive: string) => `https://nginx.org/en/docs/ngx_core_module.html#${directive}`;

/** What every nginx of ours has, whatever it serves. */
const ANY: Reasons = {
  head: { why: 'says what made the file and how to remake it' },
  worker_rlimit_nofile: {
    why: 'open files of a worker: two a request, with room to spare',
    source: main('worker_rlimit_nofile'),
  },
  pid: { why: 'in /tmp, the one folder that can be written' },
  error_log: { why: 'to the log of the container' },
  daemon: { why: 'stays in the foreground, where the engine sees it end' },
  events: { why: 'how connections are handled' },
  http: { why: 'everything about requests' },
  'http.resolver_timeout': { why: 'a name server that is silent must not hold requests up' },
  'http.server_tokens': { why: 'nobody needs to know the version' },
  'http.client_body_temp_path|proxy_temp_path|fastcgi_temp_path|uwsgi_temp_path|scgi_temp_path': {
    why: 'in /tmp: the root is read-only',
  },
  'http.server.listen': {
    why: 'the port inside the container: one below 1024 needs a right that nginx does not have here',
  },
  'http.server.location."/healthz".**': { why: 'tells the engine that nginx itself is alive' },
  'http.server.set': { why: 'whether this nginx is about to stop' },
  'http.server.if.**': { why: 'whether this nginx is about to stop: a file says so' },
  'http.server.location.**.add_header.Connection': {
    why: 'asks clients to use another connection before this nginx stops: a location with headers of its own has no others',
  },
};

/** What the edge is, whatever it serves. */
const PROCESS: Reasons = {
  worker_processes: {
    why: 'two workers: more than an nginx in front of Python ever needs',
    source: main('worker_processes'),
  },
  worker_shutdown_timeout: {
    why: 'seconds for which old connections, such as WebSockets, outlast a reload or a stop',
    from: ['AsgiApp.requestTimeout', 'AsgiApp.routes'],
    source: main('worker_shutdown_timeout'),
  },
  'events.worker_connections': { why: 'connections of a worker, to clients and to apps together' },
};

const HTTP: Reasons = {
  'http.resolver|include': {
    why: 'the name server to ask for the apps each second, so that a new address is found at once',
    source: core('resolver'),
    when: ({ path, value }) => path.at(-1) === 'resolver' || (value?.includes('resolver') ?? false),
  },
  'http.server_names_hash_bucket_size|variables_hash_bucket_size|variables_hash_max_size': {
    why: 'room for the longest names that a stack can have: nginx does not start without',
  },
  'http.log_format': {
    why: 'one line of JSON a request, as programs read logs; apps log none of their own unless `logs` asks for it',
  },
  'http.access_log': { why: 'to the log of the container' },
  'http.proxy_max_temp_file_size': {
    why: 'never spools an answer: /tmp is memory',
    source: proxy('proxy_max_temp_file_size'),
  },
  'http.client_header_timeout|client_body_timeout|send_timeout': {
    why: 'a client that is this slow holds no connection',
  },
  'http.keepalive_timeout': { why: 'how long a client may keep an idle connection' },
  'http.keepalive_min_timeout': {
    why: 'a client that uses its connection again while nginx reloads does not find it closed',
    source: core('keepalive_min_timeout'),
  },
  'http.reset_timedout_connection': { why: 'frees the memory of a connection that timed out at once' },
  'http.real_ip_header|real_ip_recursive|set_real_ip_from': {
    why: 'takes the address of the client from a balancer that is trusted, and from nobody else',
    from: ['Stack.trustedProxies'],
    source: nginx('ngx_http_realip_module', 'set_real_ip_from'),
  },
  'http.geo.$from_balancer.**': { why: 'whether a trusted balancer asks', from: ['Stack.trustedProxies'] },
  'http.map.$client_scheme.**': {
    why: 'the scheme that the client used, as far as whoever says so is trusted',
    from: ['Stack.trustedProxies'],
  },
  'http.map.$host_port.**': { why: 'the port of the Host header, which redirects of the app need' },
  'http.map.$connection_upgrade.**': {
    why: 'keeps connections to the app open, and lets WebSockets through',
    source: 'https://nginx.org/en/docs/http/websocket.html',
  },
  'http.proxy_http_version': {
    why: 'HTTP/1.1: connections to the app are kept, WebSockets work',
    source: proxy('proxy_http_version'),
  },
  'http.proxy_set_header.Host': { why: 'the app sees the host and port that the client asked for' },
  'http.proxy_set_header.Connection|Upgrade': { why: 'passes an upgrade to a WebSocket on' },
  'http.proxy_set_header.X-Forwarded-For|X-Forwarded-Proto|X-Forwarded-Host|X-Real-IP': {
    why: 'written anew on each request, so that the app can believe it: what a client sends itself is gone',
  },
  'http.proxy_set_header.X-Request-ID': { why: 'a name for the request, in the log of nginx and in the app' },
  'http.proxy_set_header.*': { why: 'emptied: what a client sends here never reaches an app' },
  'http.proxy_redirect': { why: 'redirects of the app are right as they are' },
  'http.proxy_connect_timeout': { why: 'a process that is gone costs two seconds at most' },
  'http.proxy_next_upstream|proxy_next_upstream_tries|proxy_next_upstream_timeout': {
    why: 'another process is tried where one takes no connection; a POST that was sent never is',
    source: proxy('proxy_next_upstream'),
  },
  'http.map.$sent.**': {
    why: 'whether something of the request was sent to a process: only where nothing was is it passed on anew',
  },
  'http.ssl_certificate|ssl_certificate_key': { why: 'the certificate of all hosts and its key', from: ['Stack.tls'] },
  'http.ssl_protocols|ssl_ciphers|ssl_prefer_server_ciphers|ssl_session_timeout|ssl_session_cache|ssl_session_tickets':
    {
      why: 'TLS as the intermediate profile of Mozilla has it; without tickets, whose keys several nginx would have to share',
      from: ['Stack.tls'],
      source: 'https://ssl-config.mozilla.org (guideline 5.7, intermediate)',
    },
  'http.http2': { why: 'HTTP/2 for clients that speak it' },
  'http.http3': {
    why: 'HTTP/3 for clients that speak it, over UDP',
    from: ['Stack.tls'],
    source: nginx('ngx_http_v3_module', 'http3'),
  },
  'http.map.$alt_svc.**': {
    why: 'tells clients that came over TLS that there is HTTP/3; what an app says itself goes before it',
    from: ['Stack.tls'],
    source: 'RFC 7838',
  },
  'http.map.$hsts.**': {
    why: 'tells browsers that came over HTTPS to come back that way; what an app says itself goes before it',
    from: ['Stack.tls'],
    source: 'RFC 6797',
  },
};

/** What each app has of its own. */
const APPS: Reasons = {
  'http.upstream': { why: 'the processes of one app, or the containers of its static files, wherever they are' },
  'http.upstream.sticky|hash': {
    why: 'keeps all requests of a client at one process, as long as that is there',
    from: ['sticky'],
    source: nginx('ngx_http_upstream_module', 'sticky'),
  },
  'http.upstream.zone': {
    why: 'memory that both workers share, in which the addresses are',
    source: nginx('ngx_http_upstream_module', 'zone'),
  },
  'http.upstream.server': {
    why: 'the name under which every process is found, asked for again and again; none is shut out for one failure',
    from: ['port'],
    source: nginx('ngx_http_upstream_module', 'resolve'),
  },
  'http.upstream.keepalive': {
    why: 'idle connections that are kept to the app',
    source: nginx('ngx_http_upstream_module', 'keepalive'),
  },
  'http.upstream.keepalive_requests': {
    why: 'after so many requests a connection is made anew, so that work spreads over processes that share an address, one that has just started included; the default is 1000',
    source: nginx('ngx_http_upstream_module', 'keepalive_requests'),
  },
  'http.upstream.keepalive_timeout': {
    why: 'shorter than the app keeps them, so that nginx never writes into one that is just closing',
    link: 'upstreamIdle',
  },
  'http.include': { why: 'for the moments of a deployment: where a new version is tried. Empty otherwise' },
  'http.map.$up.**': {
    why: 'where requests for the app go: to its upstream, or for the moments of a deployment to fixed addresses',
  },
  'http.map.$anew.**': {
    why: 'where a request goes that is passed on a second time: the name is asked for anew',
    from: ['port'],
  },
  'http.map.$uri.**': {
    why: 'the request less the prefix, as the client wrote it: decoding and encoding it would change what the app sees',
    from: ['pathPrefix'],
  },
  'http.geo.$header.**': {
    why: 'the text of a header that holds a dollar, for which nginx has no escape',
    from: ['responseHeaders'],
  },
  'http.limit_req_zone': {
    why: 'counts the requests of each address',
    from: ['rateLimit'],
    source: nginx('ngx_http_limit_req_module', 'limit_req_zone'),
  },
};

const SERVERS: Reasons = {
  'http.server': { why: 'one for each host name, one for the health check, and one for every other Host' },
  'http.server.access_log': { why: 'the health check is not logged' },
  'http.server.server_name': { why: 'the Host that is meant', from: ['AsgiApp.hosts', 'Stack.redirects'] },
  'http.server.location."/-/healthz".**': {
    why: 'for a balancer in front, which learns here that this nginx is about to stop',
  },
  'http.server.add_header.Connection': { why: 'asks clients to use another connection before this nginx stops' },
  'http.server.add_header.Strict-Transport-Security': { why: 'browsers come back over HTTPS', from: ['Stack.tls'] },
  'http.server.add_header.Alt-Svc': { why: 'clients learn that there is HTTP/3', from: ['Stack.tls'] },
  'http.server.return': {
    why: 'leads a host to another one, or refuses a Host that no app has (421)',
    from: ['Stack.redirects', 'AsgiApp.hosts'],
    source: 'RFC 9110, 15.5.20',
  },
};

const SNIPPETS: Reasons = {
  'http.server.location.**.snippet': { why: 'directives of yours for the requests of the app', from: ['nginx'] },
  'http.**.snippet': { why: 'directives of yours for all apps', from: ['Stack.nginx'] },
};

const LOCATIONS: Reasons = {
  'http.server.location.if.return': {
    why: 'a path that is none is refused, or HTTP is led to HTTPS',
    from: ['pathPrefix', 'Stack.tls'],
  },
  'http.server.location.if': {
    why: 'a path that is none is refused, or HTTP is led to HTTPS',
    from: ['pathPrefix', 'Stack.tls'],
  },
  'http.server.location.return': {
    why: 'no app has this path, or the host leads to another one',
    from: ['Stack.redirects'],
  },
  'http.server.location.client_max_body_size': {
    why: 'a larger body is refused with 413 before the app sees it',
    from: ['bodyLimit', 'routes'],
    source: core('client_max_body_size'),
  },
  'http.server.location.limit_req|limit_req_status|limit_req_log_level': {
    why: 'a client that asks too often gets 429',
    from: ['rateLimit'],
    source: 'RFC 6585, 4',
  },
  'http.server.location.**.proxy_hide_header.*': {
    why: 'what the app says in this header gives way to what the stack says',
    from: ['responseHeaders'],
  },
  'http.server.location.**.add_header.Strict-Transport-Security': {
    why: 'browsers come back over HTTPS',
    from: ['Stack.tls'],
  },
  'http.server.location.**.add_header.Alt-Svc': { why: 'clients learn that there is HTTP/3', from: ['Stack.tls'] },
  'http.server.location.**.add_header.*': { why: 'a header of every answer', from: ['responseHeaders'] },
  'http.server.location.**.proxy_headers_hash_bucket_size': {
    why: 'room for a long name of a header: nginx does not start without',
    from: ['responseHeaders'],
  },
  'http.server.location.error_page': {
    why: 'a request that reached no process is passed on once more, to the addresses of that moment',
  },
  'http.server.location.**.proxy_read_timeout|proxy_send_timeout': {
    why: 'longer than the longest request, so that the app gives up before nginx does',
    from: ['requestTimeout', 'routes'],
    link: 'proxyRead',
    source: proxy('proxy_read_timeout'),
  },
  'http.server.location.**.proxy_request_buffering': {
    why: 'a large upload goes on to the app as it arrives: nginx would hold it in memory',
    from: ['bodyLimit', 'routes'],
  },
  'http.server.location.**.proxy_set_header.*': {
    why: 'as above: a location that sets a header of its own has none of those',
    from: ['nginx'],
    source: proxy('proxy_set_header'),
  },
  'http.server.location.**.proxy_pass': {
    why: 'passes the request on to the app, or to the nginx with its static files',
    from: ['pathPrefix'],
  },
  'http.server.location."@anew".if.**': { why: 'what was sent to a process is not sent again' },
  'http.server.location."@anew"': { why: 'the second way, once, for a request that reached no process' },
  'http.server.location': { why: 'what belongs to one app below this host', from: ['pathPrefix', 'routes'] },
};

/** Why each directive of an nginx.conf of ours is there. */
export const NGINX_REASONS: Reasons = together(
  below('"nginx.conf"', together(SNIPPETS, PROCESS, HTTP, APPS, SERVERS)),
  below('**."nginx.conf"', ANY),
  below('"nginx.conf"', LOCATIONS),
);
