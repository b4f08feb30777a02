/** `ValueError: no URL`, `app.errors.ConfigError`, and what the start shim says before it ends. */
const EXCEPTION = /^((\w+\.)*\w*(Error|Exception|Exit|Interrupt)(: .*)?|asgi-synth: .*)$/;

/** The line of a log that names the exception with which a Python process ended: the end of its last traceback. */
export function exceptionIn(lines: readonly string[]): string | undefined {
  const written = lines.flatMap(plain).map((line) => line.trimEnd());
  const traceback = written.findLastIndex((line) => line.includes('Traceback (most recent call last):'));
  const after = traceback < 0 ? undefined : written.slice(traceback + 1).find((line) => /^\S/.test(line));
  return after ?? written.findLast((line) => EXCEPTION.test(line));
}

/** What an app that logs JSON would have written as text: its message, and the exception with its trace. */
function plain(line: string): string[] {
  if (!line.startsWith('{')) return [line];
  try {
    const { message, exception } = JSON.parse(line) as { message?: unknown; exception?: unknown };
    const texts = [message, exception].filter((text) => typeof text === 'string');
    return texts.length === 0 ? [line] : texts.flatMap((text) => text.split('\n'));
  } catch {
    return [line];
  }
}

/** The line of a log that says why a process ended, of 300 characters at most: its exception, else its last line. */
export function tellingLine(lines: readonly string[]): string | undefined {
  const line = exceptionIn(lines) ?? lines.flatMap(plain).findLast((one) => one.trim() !== '');
  return line
    ?.replace(/^(ERROR|CRITICAL):\s+/, '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 300);
}
