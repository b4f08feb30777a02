import { describe, expect, test } from 'vitest';
import { discover } from '../../../../src/sources/discovery/discover.js';
import { fastapiChoice } from '../../../../src/sources/discovery/fastapi-cli.js';
import { modulesOf } from '../../../../src/sources/discovery/modules.js';
import { CASES, fastapi, projectOf } from './projects.js';

describe('the application', () => {
  test.each(Object.entries(CASES))('%s', (_, { files, app, from }) => {
    const [found] = discover(projectOf(files)).applications;
    const said = found && `${found.source} ${found.module}${found.factory ? ' factory' : ''}`;
    expect(said).toBe(app);
    if (from !== undefined) expect(found?.from).toBe(from);
  });

  test.each(Object.entries(CASES).filter(([, one]) => one.fastapi))('as fastapi run finds it: %s', (_, one) => {
    expect(fastapiChoice(modulesOf(projectOf(one.files)), '.')?.importString ?? 'none').toBe(one.fastapi);
  });

  test('of a package that begins above the folder is named from there', () => {
    const project = projectOf({ '__init__.py': '', 'main.py': fastapi() }, { outerPackages: ['work', 'shop'] });
    expect(discover(project).outer).toBe('work.shop.main:app');
  });

  test('that imports what lies beside it gets its folder onto the path', () => {
    const files = {
      'app/main.py': `import settings\n${fastapi()}`,
      'app/settings.py': '',
      'requirements.txt': 'fastapi\n',
    };
    expect(discover(projectOf(files)).applications[0]).toMatchObject({ module: 'app.main:app', pythonPath: 'app' });
  });

  test('is one of several, the likeliest first', () => {
    const files = {
      'shop/main.py': fastapi(),
      'shop/pyproject.toml': '',
      'users/main.py': fastapi(),
      'users/pyproject.toml': '',
    };
    const found = discover(projectOf(files)).applications.map(({ source, module }) => `${source} ${module}`);
    expect(found).toEqual(['shop main:app', 'users main:app']);
  });
});
