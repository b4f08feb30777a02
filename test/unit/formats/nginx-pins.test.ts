import { describe, expect, test } from 'vitest';
import { nginxPins } from '../../../src/formats/nginx/pins.js';
import { nginxOf, stackOf } from '../support/outputs.js';

describe('pins', () => {
  test('lead to fixed addresses, and to whatever has the name only where these take no connection', () => {
    const files = nginxPins([
      { name: 'api', addresses: ['172.18.0.3:8000', '172.18.0.4:8000'], server: 'api:8000', idle: 30 },
    ]);
    expect(files['api.map']).toBe('1 api.pinned;\n');
    expect(files['api.upstream']).toContain(`    server 172.18.0.3:8000 max_fails=0;
    server 172.18.0.4:8000 max_fails=0;
    server api:8000 resolve backup max_fails=0;
`);
  });

  test('hold no word that nginx would read as something else', () => {
    expect(() => nginxPins([{ name: 'api', addresses: ['1.2.3.4:1; }'], server: 'api:1', idle: 1 }])).toThrow();
  });

  test('are taken from memory on bare metal, where nobody else lets old containers go', () => {
    expect(nginxOf(stackOf(), 'bare-metal')).toContain('include /tmp/asgi-synth-pins/api[.]map;');
    expect(nginxOf(stackOf(), 'bare-metal')).toContain('keepalive_min_timeout 10s;');
    expect(nginxOf(stackOf(), 'swarm')).not.toMatch(/pins|keepalive_min_timeout|\$up_/);
  });
});
