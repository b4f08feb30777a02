/** What an app says of its source; paths are POSIX and relative to the project root. */
export interface SourceRequest {
  /** Absolute path of the project root. */
  readonly directory: string;
  /** Folder with the code, relative to the project root. */
  readonly source: string;
  /** Import string, `package.module:attribute`. */
  readonly module: string;
  /** Whether `module` names a function that makes the application. @default - not checked */
  readonly factory?: boolean | undefined;
  /** Reference of the Python image that replaces ours, whatever version it holds. @default - one of ours */
  readonly pythonImage?: string | undefined;
  /** Minor versions of Python that there are images of ours for, the oldest first. @default - those of the newest defaults */
  readonly pythons?: readonly string[] | undefined;
  /** Folders relative to the project root that belong to no build context: where the output will be written. */
  readonly exclude?: readonly string[] | undefined;
  /** Folders of static files, relative to `source`, that must be there. */
  readonly folders?: readonly string[] | undefined;
  readonly build?: {
    /** Python minor version, `3.13`; it wins over everything detected. */
    readonly python?: string | undefined;
    /** Dockerfile of the user's own, relative to `source`. */
    readonly dockerfile?: string | undefined;
  };
}

/** A source folder as data: all that a target may know of it. */
export interface Source {
  /** Build context relative to the project root: `source`, or the root of the uv workspace it belongs to (may begin with `..`). */
  readonly context: string;
  /** The source folder inside the context; `.` where they are the same. */
  readonly folder: string;
  /** The user's own Dockerfile relative to the context; then `dependencies` may be absent. */
  readonly dockerfile?: string;
  readonly python: PythonVersion;
  readonly dependencies?: Dependencies;
  /** Folder below `folder` from which `module` is imported: `.` or `src`. */
  readonly importRoot: string;
  /** Locked version by normalized name, of the packages that `FLOORS` and the bare-metal layer care about. */
  readonly locked: Readonly<Record<string, string>>;
  /** Text of `Dockerfile.dockerignore`: our patterns, then the user's own, then the outputs that are there. */
  readonly dockerignore: string;
  /** sha256 (hex) over every file of the context that is not ignored: path, executable bit, content. */
  readonly digest: string;
  /** The same over each of the folders of static files, by their path relative to `folder`. @default - none was asked for */
  readonly folders?: Readonly<Record<string, string>>;
}

export interface PythonVersion {
  /** `3.14`. */
  readonly minor: string;
  /** What said so: `build.python`, `.python-version`, `requires-python in pyproject.toml`, …, or `default`. */
  readonly from: string;
}

/** How the dependencies get into the image. Paths are relative to the build context. */
export interface Dependencies {
  readonly manager: 'uv' | 'poetry' | 'pdm' | 'pip';
  /** `uv.lock`, `poetry.lock`, `pdm.lock`, `pylock.toml` or `requirements.txt`. */
  readonly lock: string;
  /** Files that the dependency layer needs besides `lock`: pyproject.toml, settings of the manager, included requirements. */
  readonly files: readonly string[];
  /** Name of the uv workspace member to install. */
  readonly package?: string;
  /** Whether the project itself is installed as a package (it has a build system); else its source is only copied. */
  readonly project: boolean;
  /** Folders and archives of the context from which something is installed: the project itself and what it depends on beside it. */
  readonly members: readonly string[];
  /** Whether Poetry locked folders, files, URLs or repositories beside what an index has. @default false */
  readonly direct?: boolean;
  /** Whether requirements carry hashes, so that pip must check them. */
  readonly hashes: boolean;
}

/** Something wrong in a source folder. */
export interface SourceComplaint {
  /** Stable id of a problem that the user may accept; absent where nothing can be built. */
  readonly id?: string;
  /** Prop of the app that it speaks of, such as `source` or `module`. */
  readonly prop: string;
  /** What is wrong, what was got, what is allowed or the command that mends it; lower case, no full stop. */
  readonly message: string;
  /** Only where this process model runs; absent: always. */
  readonly flavour?: 'gunicorn';
}

/** `source` is absent where a complaint without an id was made. */
export interface SourceReading {
  readonly source?: Source;
  readonly complaints: readonly SourceComplaint[];
}
