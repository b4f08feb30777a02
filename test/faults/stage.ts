import { randomBytes } from 'node:crypto';
import { openJournal, type Journal } from '../harness/journal.js';
import { inTurn } from '../harness/turn.js';
import { waitFor } from '../harness/wait.js';
import type { RunningContainer } from '../harness/running/platform.js';
import { untilKnown } from '../harness/running/known.js';
import { canary, freePort, Project } from '../harness/running/project.js';
import { request } from '../harness/client.js';
import type { HttpResponse, RequestOptions } from '../harness/http.js';
import { synth, type Commanded } from './command.js';
import { leftOf, type Ground } from './ground.js';

/** What is different from the version before; what is left out stays. */
export interface Change {
  readonly processes?: number;
  readonly greeting?: string;
  readonly bodyLimit?: string;
  readonly secret?: string;
}

/** What must not stay for the next version. */
export interface Fault {
  /** Kind of a release that must not serve. */
  readonly broken?: 'import' | 'hang' | 'unhealthy' | 'port';
  /** Image instead of the built one. */
  readonly image?: string;
}

const NAME = 'faults';

/** The stack of the faults, deployed on one ground by the product's own command line. */
export class Stage {
  readonly ground: Ground;
  readonly journal: Journal;
  readonly name = NAME;
  readonly host: string;
  addresses: readonly string[] = [];
  private readonly project: Project;
  private readonly port: number;
  private version = 1;
  private current: Required<Change> = {
    ...{ processes: 3, greeting: 'hello', bodyLimit: '6Mi' },
    secret: canary(),
  };

  private constructor(ground: Ground, journal: Journal, port: number) {
    this.ground = ground;
    this.journal = journal;
    this.port = port;
    this.host = `api.example.com:${port}`;
    this.project = new Project('test/fixtures/stacks/faults.ts', ground.engine);
  }

  /** Builds and deploys the first version. */
  static async open(ground: Ground): Promise<Stage> {
    const stage = new Stage(ground, await openJournal(ground.address), await freePort());
    try {
      if ((await ground.remains(NAME)).length > 0) await ground.clear(NAME);
      await stage.build();
      await stage.deploy();
      stage.addresses = await ground.entrances(NAME);
      if (stage.addresses.length === 0) throw new Error(`nothing takes requests for ${NAME}`);
      if (ground.target === 'kubernetes') await untilKnown(stage.host, stage.addresses);
      return stage;
    } catch (error) {
      await stage.close().catch((why: unknown) => console.error(why));
      throw error;
    }
  }

  /** Removes it by `synth destroy`; says what that left. */
  async close(): Promise<readonly string[]> {
    const { exitCode, said } = await this.command(['destroy', '--yes', '--volumes']);
    const left = await leftOf(this.ground, NAME);
    if (left.length > 0) await this.ground.clear(NAME);
    this.journal.close();
    this.project[Symbol.dispose]();
    return exitCode === 0 ? left : [`synth destroy: exit code ${exitCode}: ${said}`, ...left];
  }

  get processes(): number {
    return this.current.processes;
  }

  get versionName(): string {
    return String(this.version);
  }

  /** Edits the app as its author does, and builds it. */
  async nextVersion(): Promise<void> {
    this.version++;
    this.project.edit('images/fastapi/main.py', (text) =>
      text.replace(/get\("VERSION", "\d+"\)/, `get("VERSION", "${this.version}")`),
    );
    await this.build();
  }

  private async build(): Promise<void> {
    // Of the faults of another target, one restarts the engine that builds for all of them.
    await inTurn('the builder', () => this.succeed(['build', '--push'], this.ground.builderEnv));
  }

  /** A deployment that has to succeed. */
  async deploy(change: Change = {}): Promise<Commanded> {
    this.current = { ...this.current, ...change };
    return this.succeed(['deploy', '--timeout', '300']);
  }

  /** A deployment of something that must not serve. */
  deployBroken({ broken, image }: Fault): Promise<Commanded> {
    return this.command(
      ['deploy', '--timeout', '300', ...(image === undefined ? [] : ['--image', `api=${image}`])],
      this.ground.engine.env,
      broken === undefined ? {} : { FAULTS_BROKEN: broken },
    );
  }

  rollback(): Promise<Commanded> {
    return this.succeed(['rollback']);
  }

  private async succeed(words: readonly string[], env = this.ground.engine.env): Promise<Commanded> {
    const done = await this.command(words, env);
    if (done.exitCode !== 0)
      throw new Error(
        `synth ${words.join(' ')}: exit code ${done.exitCode}: ${done.said}\n${JSON.stringify(done.result)}`,
      );
    return done;
  }

  private command(
    words: readonly string[],
    env = this.ground.engine.env,
    more: Readonly<Record<string, string>> = {},
  ): Promise<Commanded> {
    const { images, registry } = this.ground.engine;
    const { processes, greeting, bodyLimit, secret } = this.current;
    // A rollback and a removal need no output, so no images either.
    const synthesizes = words[0] === 'build' || words[0] === 'deploy';
    const named = synthesizes ? Object.entries(images).flatMap(([name, one]) => ['--image', `${name}=${one}`]) : [];
    return synth([...words, '--target', this.ground.target, ...named], {
      cwd: this.project.folder,
      env: {
        ...env,
        FAULTS_REGISTRY: registry,
        FAULTS_PORT: String(this.port),
        FAULTS_PROCESSES: String(processes),
        FAULTS_GREETING: greeting,
        FAULTS_BODY_LIMIT: bodyLimit,
        FAULTS_JOURNAL: this.journal.address,
        DB_PASSWORD: secret,
        ...more,
      },
    });
  }

  /** One request to an entrance. */
  ask(path: string, options: Omit<RequestOptions, 'url' | 'address'> & { at?: string } = {}): Promise<HttpResponse> {
    const { at = this.addresses[0] ?? '', ...rest } = options;
    return request({ ...rest, ...this.to(path, at) });
  }

  to(path: string, address = this.addresses[0] ?? ''): { url: string; address: string } {
    return { url: `http://${this.host}${path}`, address };
  }

  containers(app = 'api'): Promise<RunningContainer[]> {
    return this.ground.containers(NAME, app);
  }

  /** Every container with what changes when it is restarted. */
  async identities(app?: string): Promise<string[]> {
    return identitiesOf(await this.ground.containers(NAME, app));
  }

  /** The same once what the deployment before has replaced is gone: an engine may call it done while that still ends. */
  settledIdentities(): Promise<string[]> {
    return waitFor('what was replaced before to have ended', async () => {
      const all = await this.ground.containers(NAME);
      return !all.some(({ isEnding }) => isEnding) && identitiesOf(all);
    });
  }

  /** Versions that answer, asked many times. */
  async answeringVersions(): Promise<string[]> {
    const answers = await Promise.all(
      Array.from({ length: 12 }, async (_, index) => {
        const at = this.addresses[index % this.addresses.length] ?? '';
        return (JSON.parse((await this.ask('/', { at })).body) as { version: string }).version;
      }),
    );
    return [...new Set(answers)].toSorted();
  }

  /** Ids for the POSTs of one load. */
  ids(): string {
    return randomBytes(4).toString('hex');
  }
}

function identitiesOf(containers: readonly RunningContainer[]): string[] {
  return containers.map(({ app, id, started }) => `${app} ${id} ${started}`).toSorted();
}
