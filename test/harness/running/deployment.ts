import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AsgiApp, Secret, Stack, type AsgiAppProps } from '../../../src/index.js';
import { deploy, type Deployed } from '../../../src/deployment/deploy.js';
import type { Deployer } from '../../../src/deployment/deployer.js';
import { planOf, type Plan } from '../../../src/deployment/plan.js';
import { secretValues } from '../../../src/deployment/secret-values.js';
import { writeOutputs } from '../../../src/output.js';
import { sourceReader, synthesize } from '../../../src/synthesize.js';
import type { OutputFile } from '../../../src/targets/target.js';
import type { DockerEngine } from '../engines.js';
import { run } from '../process.js';

const checkout = join(import.meta.dirname, '../../..');

export const HOST = 'api.example.com';

/** How a version differs from the first one. */
export interface Version {
  readonly app?: Partial<AsgiAppProps>;
  /** Value of DB_PASSWORD; absent: it is not given. */
  readonly password?: string;
  /** Reference of the app's image. */
  readonly image?: string;
  readonly timeoutSeconds?: number;
  /** Of the second app. @default a second app that never changes */
  readonly admin?: Partial<AsgiAppProps>;
}

/** One stack with two apps that is deployed again and again by the library, from a project folder of its own. */
export class Deployment implements Disposable {
  readonly name: string;
  readonly port: number;
  readonly folder = mkdtempSync(join(tmpdir(), 'asgi-synth-deployment-'));
  readonly told: string[] = [];
  private readonly engine: DockerEngine;
  private readonly deployer: () => Promise<Deployer>;

  constructor(engine: DockerEngine, deployer: () => Promise<Deployer>, { name, port }: { name: string; port: number }) {
    this.engine = engine;
    this.deployer = deployer;
    this.name = name;
    this.port = port;
    cpSync(join(checkout, 'images'), join(this.folder, 'images'), {
      recursive: true,
      filter: (path) => !path.includes('__pycache__'),
    });
  }

  get directory(): string {
    return join(this.folder, 'out', this.name, 'bare-metal');
  }

  /** What takes its requests. */
  get running(): { readonly addresses: readonly string[]; readonly host: string } {
    return { addresses: [`${this.engine.address}:${this.port}`], host: `${HOST}:${this.port}` };
  }

  /** What `synth` makes of a version. */
  output({ app = {}, admin = {}, image }: Version): { plan: Plan; files: OutputFile[]; write(): void } {
    const stack = new Stack(this.name, { directory: this.folder, httpPort: this.port, registry: this.engine.registry });
    const shared = {
      source: './images/fastapi',
      module: 'main:app',
      memory: '160Mi',
      hosts: [HOST],
      requestTimeout: 10,
      health: { readiness: '/readyz', liveness: '/healthz', startup: 40 },
    };
    new AsgiApp(stack, 'api', { ...shared, processes: 2, secrets: [new Secret(stack, 'db_password')], ...app });
    new AsgiApp(stack, 'admin', { ...shared, processes: 1, pathPrefix: '/admin', ...admin });
    const images = { ...this.engine.images, ...(image === undefined ? {} : { api: image }) };
    const options = { out: `out/${this.name}/bare-metal`, images };
    const files = synthesize(stack, 'bare-metal', options);
    const plan = planOf(stack, 'bare-metal', { ...options, sources: sourceReader(stack, options)().sources });
    const { directory, name } = this;
    return {
      plan,
      files,
      write: () => void writeOutputs([{ directory, owner: { stack: name, target: 'bare-metal' }, files }]),
    };
  }

  /** Builds the images of a version. */
  async build(version: Version): Promise<void> {
    this.output(version).write();
    await run('docker', ['compose', 'build'], { cwd: this.directory, timeoutSeconds: 600 });
  }

  async deploy(version: Version = {}): Promise<Deployed> {
    const { plan, files, write } = this.output(version);
    const env = version.password === undefined ? {} : { DB_PASSWORD: version.password };
    const begun = Date.now();
    const report = {
      step: (line: string) => void this.told.push(`${((Date.now() - begun) / 1000).toFixed(1)} ${line}`),
      progress: () => undefined,
    };
    return deploy(
      await this.deployer(),
      {
        ...{ plan, files, write },
        directory: this.directory,
        values: secretValues(plan, this.folder, env),
        by: 'test@here',
        signal: AbortSignal.timeout((version.timeoutSeconds ?? 120) * 1000),
      },
      report,
    );
  }

  /** Changes a file as its author would. */
  edit(file: string, change: (text: string) => string): void {
    const path = join(this.folder, file);
    writeFileSync(path, change(readFileSync(path, 'utf8')));
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
