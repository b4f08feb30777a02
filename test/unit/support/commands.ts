import type { Docker } from '../../../src/deployment/docker.js';
import type { ExecOptions, Ran } from '../../../src/deployment/exec.js';
import type { Kubectl } from '../../../src/deployment/kubectl.js';

/** What a command prints, or all that it leaves behind. */
export type Answer = (words: string, options: ExecOptions) => string | Partial<Ran> | undefined;

/** Runs nothing: remembers the commands, and answers in their place. */
export class FakeCommands {
  readonly ran: string[] = [];
  readonly inputs: string[] = [];
  private readonly answer: Answer;

  constructor(answer: Answer) {
    this.answer = answer;
  }

  attempt(words: readonly string[], options: ExecOptions = {}): Promise<Ran> {
    const line = words.join(' ');
    this.ran.push(line);
    if (options.input !== undefined) this.inputs.push(String(options.input));
    const said = this.answered(line, options);
    const ran = { stdout: '', stderr: '', exitCode: 0, ...(typeof said === 'string' ? { stdout: said } : said) };
    for (const each of `${ran.stdout}${ran.stderr}`.split('\n').filter(Boolean)) options.onLine?.(each);
    return Promise.resolve(ran);
  }

  answered(line: string, options: ExecOptions = {}): string | Partial<Ran> {
    return this.answer(line, options) ?? '';
  }

  async run(words: readonly string[], options: ExecOptions = {}): Promise<string> {
    const { stdout, stderr, exitCode } = await this.attempt(words, options);
    if (exitCode !== 0) throw new Error(`${words.join(' ')}: ${stderr}`);
    return stdout.trimEnd();
  }

  async lines(words: readonly string[]): Promise<string[]> {
    return (await this.run(words)).split('\n').filter(Boolean);
  }

  async inspect<T>(kind: string, ids: readonly string[]): Promise<T[]> {
    if (ids.length === 0) return [];
    return JSON.parse((await this.run([kind, 'inspect', ...ids])) || '[]') as T[];
  }

  get docker(): Docker {
    return this as unknown as Docker;
  }

  get kubectl(): Kubectl {
    return this as unknown as Kubectl;
  }
}
