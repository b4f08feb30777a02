import { createInterface } from 'node:readline';
import { readEvents, sendLoad, sendRequest, talkWebSocket } from './http.js';

// One job as a line of JSON on stdin, its result as JSON on stdout. The end of stdin stops a load.
const lines = createInterface({ input: process.stdin });
const stopped = new AbortController();
lines.on('close', () => stopped.abort());
lines.once('line', (line) => {
  const { kind, options } = JSON.parse(line) as { kind: string; options: never };
  void perform(kind, options).then(
    (result) => finish({ result }),
    (error: NodeJS.ErrnoException) => finish({ error: { message: error.message, code: error.code } }),
  );
});

function perform(kind: string, options: never): Promise<unknown> {
  if (kind === 'request') return sendRequest(options);
  if (kind === 'webSocket') return talkWebSocket(options);
  if (kind === 'events') return readEvents(options);
  if (kind === 'load') return sendLoad(options, stopped.signal);
  return Promise.reject(new Error(`no job is called ${kind}`));
}

function finish(answer: unknown): void {
  process.stdout.write(JSON.stringify(answer), () => process.exit());
}
