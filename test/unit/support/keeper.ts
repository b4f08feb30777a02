import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { acmeCommand, type AcmeValues } from '../../../src/formats/python.js';

export const KEEPER = fileURLToPath(new URL('../../../src/formats/python/acme.py', import.meta.url));

/** The keeper of a certificate while it runs. */
export class Keeper {
  said = '';
  readonly child: ChildProcess;
  private readonly closed: Promise<unknown>;

  constructor(values: Omit<AcmeValues, 'script' | 'email'>, env: Readonly<Record<string, string>>) {
    const [program = '', ...words] = acmeCommand({ script: KEEPER, email: 'ops@example.com', ...values });
    this.child = spawn(program, words, { env: { ...process.env, ...env }, stdio: ['ignore', 'inherit', 'pipe'] });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.said += text));
    this.closed = once(this.child, 'close');
  }

  /** Its exit code, once it has ended by itself. */
  async ended(): Promise<number | null> {
    await this.closed;
    return this.child.exitCode;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGTERM');
    await this.closed;
  }
}
