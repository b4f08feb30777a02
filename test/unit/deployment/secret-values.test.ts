import { describe, expect, test } from 'vitest';
import { namesIn } from '../../../src/deployment/dot-env.js';
import { withoutValue } from '../../../src/deployment/secret-values.js';

describe('a secret without a value', () => {
  const token = { id: 'api_token', variable: 'API_TOKEN' };

  test('names its variable, or its file', () => {
    expect(withoutValue(token, new Set()).message).toBe(
      'secret api_token has no value, and none is stored; set the variable API_TOKEN and deploy again',
    );
    expect(withoutValue({ ...token, file: 'token.txt' }, new Set(['API_TOKEN'])).message).toBe(
      'secret api_token has no value, and none is stored; write it into token.txt and deploy again',
    );
  });

  test('says where .env names the variable, and how a shell reads it', () => {
    expect(withoutValue(token, new Set(['API_TOKEN'])).message).toBe(
      'secret api_token has no value, and none is stored; set the variable API_TOKEN, which .env has (set -a; . ./.env; set +a), and deploy again',
    );
  });
});

test('.env is asked for names alone', () => {
  const text = 'A=canary\n export B_2 = canary\n# C=canary\nD\n=canary\nE=\n';
  expect([...namesIn(text)]).toEqual(['A', 'B_2', 'E']);
});
