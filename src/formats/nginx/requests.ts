/** How requests are told of. */
export type AccessLog = 'json' | 'combined' | 'none';

/** Directives that say what is written for each request. */
export function accessLog(kind: AccessLog, requestId: string): string {
  if (kind === 'none') return '    access_log off;\n';
  if (kind === 'combined') return '    access_log /dev/stdout combined;\n';
  return `    # One line of JSON a request. Apps log none of their own unless a stack asks for it.
    log_format json escape=json '{"time":"$time_iso8601","client":"$remote_addr","host":"$host","method":"$request_method",'
        '"uri":"$request_uri","status":$status,"bytes":$body_bytes_sent,"seconds":$request_time,'
        '"upstream":"$upstream_addr","upstream_status":"$upstream_status","upstream_seconds":"$upstream_response_time",'
        '"request_id":"${requestId}","user_agent":"$http_user_agent"}';
    access_log /dev/stdout json;
`;
}

/** What may be the id of a request: anybody can send one, and it comes into logs and into the app. */
const REQUEST_ID = '[A-Za-z0-9._:/+=@-]{1,128}';

/** What decides about the ids of requests. */
export interface RequestIds {
  readonly requestId?: boolean;
  readonly trusted: readonly string[];
}

/** The variable that holds the id of a request. */
export function requestIdVariable({ requestId, trusted }: RequestIds): string {
  return requestId === true && trusted.length > 0 ? '$edge_request_id' : '$request_id';
}

/** Where the id of a request comes from. Without a balancer that is trusted there is nobody whose word counts. */
export function requestIds({ requestId, trusted }: RequestIds): string {
  if (requestId !== true || trusted.length === 0) return '';
  return `    # The id that a balancer in front gave a request, else a new one.
    map $from_balancer:$http_x_request_id $edge_request_id {
        default $request_id;
        "~^1:(?<given_request_id>${REQUEST_ID})$" $given_request_id;
    }

`;
}

/** Directives that tell the id in the place of what the app says. A level with headers of its own inherits none. */
export function tellsRequestId(values: RequestIds, indent = 8): string {
  if (values.requestId !== true) return '';
  const space = ' '.repeat(indent);
  return `${space}proxy_hide_header X-Request-ID;\n${space}add_header X-Request-ID ${requestIdVariable(values)} always;\n`;
}
