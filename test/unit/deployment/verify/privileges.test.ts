import { describe, expect, test } from 'vitest';
import { excess, privilegeChecks } from '../../../../src/deployment/verify/privileges.js';
import { DESCRIBED, PLAN } from './support.js';

describe('privileges', () => {
  test('are least with user 10001, a read-only root, no capability and limits', () => {
    expect(excess(DESCRIBED)).toEqual([]);
  });

  test('name everything that is too much', () => {
    expect(
      excess({
        ...DESCRIBED,
        ...{ user: '', readOnlyRoot: false, droppedCapabilities: ['NET_RAW'], addedCapabilities: ['SYS_ADMIN'] },
        ...{ newPrivileges: true, memory: 0, pids: 0 },
      }),
    ).toEqual([
      ...['runs as the user of its image', 'its root can be written', 'keeps capabilities', 'has SYS_ADMIN'],
      ...['may gain privileges', 'has no memory limit', 'has no limit of processes'],
    ]);
  });

  test('ask for no setting that an engine lacks', () => {
    const { newPrivileges: _, pids: __, ...rest } = DESCRIBED;
    expect(excess(rest)).toEqual([]);
  });

  test('a variable of the name of a secret is a failure, and its value is not told', () => {
    const described = [{ ...DESCRIBED, variables: ['DB_PASSWORD', 'LOG_LEVEL'] }];
    expect(privilegeChecks(PLAN, described)).toEqual([
      expect.objectContaining({ of: 'api', check: 'privileges', result: 'pass' }),
      { of: 'api', check: 'secrets', result: 'fail', evidence: 'DB_PASSWORD can be read by inspect' },
      expect.objectContaining({ of: 'nginx', check: 'privileges', result: 'skip' }),
    ]);
  });
});
