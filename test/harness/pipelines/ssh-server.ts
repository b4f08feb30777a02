import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawn, type ChildProcess } from 'node:child_process';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import type { Engine } from '../engines.js';
import { run } from '../process.js';
import { freePort } from '../running/project.js';
import { waitFor } from '../wait.js';

/** A server with Docker that is reached by SSH alone, as a pipeline reaches one: this machine, whose `docker` means an engine of the lab. */
export class SshServer implements AsyncDisposable {
  /** Value of DOCKER_HOST. */
  readonly host: string;
  /** What lets somebody in. */
  readonly privateKey: string;
  /** What tells the server from another one. */
  readonly knownHosts: string;
  private readonly log: string;
  private readonly daemon: ChildProcess;

  private constructor(folder: string, port: number, daemon: ChildProcess) {
    const { username } = userInfo();
    this.host = `ssh://${username}@127.0.0.1:${port}`;
    this.privateKey = readFileSync(join(folder, 'user'), 'utf8');
    const [type, key] = readFileSync(join(folder, 'host.pub'), 'utf8').split(' ');
    this.knownHosts = `[127.0.0.1]:${port} ${type} ${key}\n`;
    this.log = join(folder, 'log');
    this.daemon = daemon;
  }

  /** @param folder of its own, for keys and log. */
  static async start(folder: string, { env }: Pick<Engine, 'env'>): Promise<SshServer> {
    for (const name of ['host', 'user'])
      await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)]);
    const port = await freePort();
    writeFileSync(join(folder, 'sshd_config'), configuration(folder, port, env));
    // sshd asks for this folder of its own, which a service would make.
    mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
    const daemon = spawn('/usr/sbin/sshd', ['-D', '-f', join(folder, 'sshd_config'), '-E', join(folder, 'log')], {
      stdio: 'ignore',
    });
    process.once('exit', () => daemon.kill());
    await waitFor('the SSH server', () => answers(port), { seconds: 20 });
    return new SshServer(folder, port, daemon);
  }

  /** How many connections it has taken. */
  get connections(): number {
    return readFileSync(this.log, 'utf8').match(/^Accepted publickey /gm)?.length ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.daemon.once('exit', resolve));
    // Connections that a job kept open for its next command.
    await run('pkill', ['-P', String(this.daemon.pid)], { check: false });
    this.daemon.kill();
    await ended;
  }
}

function configuration(folder: string, port: number, env: Engine['env']): string {
  const variables = ['DOCKER_HOST', 'DOCKER_CONFIG', 'PATH'].map((name) => `"${name}=${env[name] ?? ''}"`);
  return `ListenAddress 127.0.0.1:${port}
HostKey ${folder}/host
AuthorizedKeysFile ${folder}/user.pub
PidFile none
PasswordAuthentication no
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
SetEnv ${variables.join(' ')}
`;
}

function answers(port: number): Promise<true> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', reject).once('data', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
