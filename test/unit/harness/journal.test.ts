import { createSocket } from 'node:dgram';
import { expect, test } from 'vitest';
import { openJournal } from '../../harness/journal.js';

test('a journal tells what was executed, and what twice', async () => {
  const journal = await openJournal('127.0.0.1:9');
  const [host = '', port = ''] = journal.address.split(':');
  const app = createSocket('udp4');
  try {
    expect(host).toBe('127.0.0.1');
    for (const id of ['a-1', 'a-2', 'b-1', 'a-2']) app.send(id, Number(port), host);
    await expect.poll(() => journal.read('a')).toEqual({ executed: 2, twice: ['a-2'] });
    expect(journal.read('b')).toEqual({ executed: 1, twice: [] });
  } finally {
    app.close();
    journal.close();
  }
});
