/** A value that the build alone may see; BuildKit mounts it as `id`. */
export interface DockerfileSecret {
  /** Absolute path of the file it becomes. @default - a variable named as the id */
  readonly target?: string | undefined;
}

/** How the dependencies get into the image; paths are relative to the build context. */
export interface DockerfileDependencies {
  readonly manager: 'uv' | 'poetry' | 'pdm' | 'pip';
  readonly lock: string;
  /** Files that the dependency layer needs besides `lock`. */
  readonly files: readonly string[];
  /** Name of the uv workspace member to install. */
  readonly package?: string | undefined;
  /** Whether the project itself is installed, not only copied. */
  readonly project: boolean;
  /** Folders of the context that dependencies are installed from. */
  readonly members: readonly string[];
  /** Whether Poetry locked folders, files, URLs or repositories beside what an index has. @default false */
  readonly direct?: boolean | undefined;
  /** Whether every requirement has a hash. */
  readonly hashes: boolean;
}

/** What a Dockerfile of ours says. Paths may hold letters, digits and `._+@~-` alone. */
export interface DockerfileValues {
  /** Lines above everything, without `#`: what made the file, and from what. */
  readonly header: readonly string[];
  /** Reference of the Python image of both stages. */
  readonly base: string;
  /** `uvicorn`: one process. `gunicorn`: gunicorn and uvicorn-worker are added where they are not locked. */
  readonly flavour: 'uvicorn' | 'gunicorn';
  /** Import string. */
  readonly module: string;
  /** Whether `module` names a function that makes the application. */
  readonly factory: boolean;
  readonly port: number;
  /** Source folder inside the build context, `.` for the whole of it. */
  readonly folder: string;
  /** Folder below it from which `module` is imported: `.` or `src`. */
  readonly importRoot: string;
  readonly dependencies: DockerfileDependencies;
  /** Locked versions by package name. */
  readonly locked: Readonly<Record<string, string>>;
  /** Debian packages of both stages. */
  readonly systemPackages: readonly string[];
  /** Build arguments by name. One line each. */
  readonly arguments: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, DockerfileSecret>>;
  /** Absolute folders to create for uid 10001: mount points of volumes. */
  readonly folders: readonly string[];
}
