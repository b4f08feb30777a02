/** Files that are answered without the app. */
export interface StaticFiles {
  /**
   * Folder with the files: relative to `source`, `app/static`, or absolute where there is an `image`, `/app/static`. Names that begin with a
   * dot are left out, all but `.well-known`.
   */
  readonly folder: string;
  /**
   * Command that makes the folder, such as `['python', 'manage.py', 'collectstatic', '--noinput']`. It runs when the image of the files is
   * built, in `source`, with the dependencies of the app and the arguments of its build, but without its environment and secrets; `env`
   * gives it variables: `['env', 'SECRET_KEY=unused', 'python', …]`. Not for an `image` or a Dockerfile of your own.
   * @default - the folder is there already
   */
  readonly command?: readonly string[];
  /**
   * Whether no file of the folder ever changes under its name, so that clients keep it for a year and do not ask again (`immutable`,
   * RFC 8246): as Vite names what it puts into `assets`. `false`: none is kept so.
   * @default - those whose name has 8 or more hex digits between `.` or `-` and a dot, letters and figures among them, as
   * Django's ManifestStaticFilesStorage and webpack write them: `base.27e20196a850.css`
   */
  readonly hashed?: boolean;
  /**
   * Seconds, 0 to 31536000, for which any other file is used without asking whether it has changed.
   * @default 60
   */
  readonly maxAge?: number;
}

/** Directives of nginx that an app adds to those of the edge. */
export interface AppNginx {
  /**
   * For every request that goes to the app, such as `'proxy_buffering off;'`. Not for headers of a fixed text, which `responseHeaders` sets
   * on more edges, nor for limits, which have props of their own.
   * @default - none
   */
  readonly location?: string;
}

/** Directives of nginx that a stack adds to those of the edge. */
export interface StackNginx {
  /**
   * For the block of all servers, such as a `map` or a `limit_conn_zone` that other snippets use.
   * @default - none
   */
  readonly http?: string;
  /**
   * For every server that has apps, such as `'location = /robots.txt { return 204; }'`.
   * @default - none
   */
  readonly server?: string;
}
