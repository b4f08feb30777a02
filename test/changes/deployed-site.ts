import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:tls';
import { synth } from '../faults/command.js';
import { leftOf, type Ground } from '../faults/ground.js';
import { selfSigned, type TestCertificate } from '../harness/certificate.js';
import { requestSecurely } from '../harness/https.js';
import { freePort, Project } from '../harness/running/project.js';
import { inTurn } from '../harness/turn.js';
import { waitFor } from '../harness/wait.js';
import type { Site } from './visits.js';

const NAME = 'changes';
const HOST = 'changes.example.com';

/** The page that names its files. */
export const PAGE = '/page';

/** Seconds for which a name server of a cluster remembers that a name led nowhere, and one more. */
const NOWHERE = 6;

/** The stack of the changes, deployed on one ground by the product's own command line. */
export class DeployedSite {
  readonly ground: Ground;
  /** `host:port` of every entrance, by scheme, in the same order. */
  entrances: Readonly<Record<'http' | 'https', readonly string[]>> = { http: [], https: [] };
  private readonly project: Project;
  private readonly ports: Readonly<Record<'http' | 'https', number>>;
  private title = 'first';
  private certificate = selfSigned(HOST);
  private readonly certificates: TestCertificate[] = [this.certificate];

  private constructor(ground: Ground, ports: DeployedSite['ports']) {
    this.ground = ground;
    this.ports = ports;
    this.project = new Project('test/fixtures/stacks/changes.ts', ground.engine);
  }

  static async open(ground: Ground): Promise<DeployedSite> {
    const site = new DeployedSite(ground, { http: await freePort(), https: await freePort() });
    try {
      if ((await ground.remains(NAME)).length > 0) await ground.clear(NAME);
      await site.build();
      await site.deploy();
      const { entrances } = ground;
      site.entrances = { http: await entrances(NAME), https: await entrances(NAME, 'https') };
      await site.untilKnown();
      return site;
    } catch (error) {
      await site.close().catch((why: unknown) => console.error(why));
      throw error;
    }
  }

  /** Removes it by `synth destroy`; says what that left. */
  async close(): Promise<readonly string[]> {
    await this.command('destroy', '--yes', '--volumes');
    const left = await leftOf(this.ground, NAME);
    if (left.length > 0) await this.ground.clear(NAME);
    this.project[Symbol.dispose]();
    return left;
  }

  /** Another text of the configuration file. */
  changeTitle(title: string): void {
    this.title = title;
  }

  /** Makes another certificate of the same host, which visitors believe from now on. */
  renewCertificate(): void {
    this.certificate = selfSigned(HOST);
    this.certificates.push(this.certificate);
  }

  /** A static file with another content, and so another name. */
  async changeAsset(content: string): Promise<void> {
    this.project.edit('images/site/assets/app.js', () => content);
    await this.build();
  }

  /** Seconds that it took. */
  deploy(): Promise<number> {
    return this.command('deploy', '--timeout', '300');
  }

  /** What visitors of it need. */
  site(addresses = this.entrances.https): Site {
    return { host: HOST, addresses, ca: this.certificates.map(({ certificate }) => certificate) };
  }

  /** The page as each entrance gives it. */
  async pages(): Promise<string[]> {
    const ca = this.certificate.certificate;
    const all = this.entrances.https.map((address) => requestSecurely({ host: HOST, address, ca }, PAGE));
    return (await Promise.all(all)).map(({ body }) => body);
  }

  /** Entrances that show another certificate than the newest. */
  async withOldCertificate(): Promise<string[]> {
    const serial = new X509Certificate(this.certificate.certificate).serialNumber;
    const shown = await Promise.all(this.entrances.https.map((address) => this.serialAt(address)));
    return this.entrances.https.filter((_, index) => shown[index] !== serial);
  }

  private async serialAt(address: string): Promise<string> {
    const [host = '', port] = address.split(':');
    const ca = this.certificates.map(({ certificate }) => certificate);
    const socket = connect({ host, port: Number(port), servername: HOST, ca });
    try {
      await once(socket, 'secureConnect', { signal: AbortSignal.timeout(30_000) });
      return new X509Certificate(socket.getPeerCertificate().raw).serialNumber;
    } finally {
      socket.destroy();
    }
  }

  /** Every container of some apps that is to stay, with what changes when it is restarted. */
  async identities(apps: readonly string[]): Promise<string[]> {
    const all = await this.ground.containers(NAME);
    return all
      .filter(({ app, isEnding }) => apps.includes(app) && !isEnding)
      .map(({ app, id, started }) => `${app} ${id} ${started}`)
      .toSorted();
  }

  /** What runs, and the last lines of nginx that tell of no request or of one that came to nothing. */
  async trouble(): Promise<string> {
    const lines = (await this.ground.edgeLog(NAME)).split('\n').filter((line) => line.trim() !== '');
    const telling = lines.filter((line) => !line.includes('"status":') || /"status":(404|499|5\d\d)/.test(line));
    return [await this.ground.state(NAME), ...telling.slice(-30)].join('\n');
  }

  private async untilKnown(): Promise<void> {
    await waitFor('every entrance to find what is behind it', async () => {
      for (const end = Date.now() + NOWHERE * 1000; Date.now() < end;)
        if (!(await this.pages()).every((page) => page.includes('<title>'))) return false;
      return true;
    });
  }

  private async build(): Promise<void> {
    await inTurn('the builder', () => this.run(['build', '--push'], this.ground.builderEnv));
  }

  private command(...words: readonly string[]): Promise<number> {
    return this.run(words, this.ground.engine.env);
  }

  /** Seconds that a command of the product took. Throws where it failed. */
  private async run(words: readonly string[], env: Readonly<Record<string, string>>): Promise<number> {
    const { images, registry } = this.ground.engine;
    const named = words[0] === 'destroy' ? [] : Object.entries(images).map(([name, one]) => `--image=${name}=${one}`);
    const { exitCode, said, result, seconds } = await synth([...words, '--target', this.ground.target, ...named], {
      cwd: this.project.folder,
      env: {
        ...env,
        CHANGES_REGISTRY: registry,
        CHANGES_PORT: String(this.ports.http),
        CHANGES_HTTPS_PORT: String(this.ports.https),
        CHANGES_TITLE: this.title,
        TLS_CERTIFICATE: this.certificate.certificate,
        TLS_KEY: this.certificate.key,
      },
    });
    if (exitCode !== 0)
      throw new Error(`synth ${words.join(' ')}: exit code ${exitCode}: ${said}\n${JSON.stringify(result)}`);
    return seconds;
  }
}
