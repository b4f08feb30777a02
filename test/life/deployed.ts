import { expect } from 'vitest';
import { synth, type Commanded } from '../faults/command.js';
import { leftOf, type Ground } from '../faults/ground.js';
import { request } from '../harness/client.js';
import type { HttpResponse } from '../harness/http.js';
import { freePort, Project } from '../harness/running/project.js';
import { inTurn } from '../harness/turn.js';

type Variables = Readonly<Record<string, string>>;

/** A stack of test/fixtures/stacks on one ground, by the product's own commands. It reads its registry and port from `NAME_…`. */
export class Deployed implements AsyncDisposable {
  readonly ground: Ground;
  readonly host: string;
  addresses: readonly string[] = [];
  private readonly name: string;
  private readonly port: number;
  private readonly project: Project;

  private constructor(ground: Ground, name: string, host: string, port: number) {
    this.ground = ground;
    this.name = name;
    this.port = port;
    this.host = `${host}:${port}`;
    this.project = new Project(`test/fixtures/stacks/${name}.ts`, ground.engine);
  }

  /** Builds its images; whatever a run before has left is removed. */
  static async build(ground: Ground, name: string, host: string): Promise<Deployed> {
    if ((await ground.remains(name)).length > 0) await ground.clear(name);
    const deployed = new Deployed(ground, name, host, await freePort());
    const built = await inTurn('the builder', () => deployed.command(['build', '--push']));
    expect(built.exitCode, built.said).toBe(0);
    return deployed;
  }

  /** One release, whether it succeeds or not. */
  async deploy(variables: Variables, secrets: Variables = {}): Promise<Commanded> {
    const told = await this.command(['deploy', '--timeout', '300'], variables, secrets);
    if (this.addresses.length === 0) this.addresses = await this.ground.entrances(this.name);
    return told;
  }

  ask(path: string): Promise<HttpResponse> {
    return request({ url: `http://${this.host}${path}`, address: this.addresses[0] ?? '', timeoutSeconds: 10 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.command(['destroy', '--yes', '--volumes']);
    const left = await leftOf(this.ground, this.name);
    this.project[Symbol.dispose]();
    expect(left, 'what synth destroy left').toEqual([]);
  }

  private command(words: readonly string[], variables: Variables = {}, secrets: Variables = {}): Promise<Commanded> {
    const { images, registry } = this.ground.engine;
    const named = words[0] === 'destroy' ? {} : images;
    const own = { REGISTRY: registry, PORT: String(this.port), ...variables };
    return synth(
      [
        ...words,
        ...['--target', this.ground.target],
        ...Object.entries(named).flatMap(([name, one]) => ['--image', `${name}=${one}`]),
      ],
      {
        cwd: this.project.folder,
        env: {
          ...secrets,
          ...(words[0] === 'build' ? this.ground.builderEnv : this.ground.engine.env),
          ...Object.fromEntries(
            Object.entries(own).map(([variable, value]) => [`${this.name.toUpperCase()}_${variable}`, value]),
          ),
        },
      },
    );
  }
}
