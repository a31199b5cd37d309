import { describe, expect, it } from 'vitest';
import { importsOf } from '../../../scripts/import-rules/imports-of.ts';
import { violationsIn } from '../../../scripts/import-rules/rules.ts';

/** The rules that these files break. @param sources code keyed by path */
function broken(sources: Record<string, string>): string[] {
  const files = Object.entries(sources).map(([path, code]) => ({ path, imports: importsOf(path, code) }));
  return violationsIn(files).map(({ rule }) => rule);
}

describe('the import rules', () => {
  it.each([
    ['shared imports nothing of ours', 'shared-imports-nothing', 'src/shared/words.ts', '../main/policy/index.ts'],
    ['a room is entered through its index', 'room-entered-by-index', 'src/main/gateway/a.ts', '../policy/decide.ts'],
    ['so is the command line', 'room-entered-by-index', 'src/main/cli.ts', './cli/program.ts'],
    ['the composition root too', 'room-entered-by-index', 'src/main/app.ts', './policy/decide.ts'],
    ['a service never imports app.ts', 'nobody-imports-app', 'src/main/policy/a.ts', '../app.ts'],
    ['nor does a front', 'nobody-imports-app', 'src/main/desktop/a.ts', '../app.ts'],
    ['a service knows no front', 'services-know-no-front', 'src/main/policy/a.ts', '../desktop/index.ts'],
    ['the composition root knows no front', 'services-know-no-front', 'src/main/app.ts', './console/index.ts'],
    ['one front does not know the other', 'services-know-no-front', 'src/main/desktop/a.ts', '../console/index.ts'],
    ['only the desktop imports electron', 'electron-only-in-desktop', 'src/main/gateway/a.ts', 'electron'],
    ['and what belongs to it', 'electron-only-in-desktop', 'src/main/settings/a.ts', 'electron-store'],
    ['the renderer imports only shared', 'renderer-imports-only-shared', 'src/renderer/a.ts', '../main/app.ts'],
    ['and no Node', 'renderer-imports-only-shared', 'src/renderer/a.ts', 'node:fs'],
    ['so does the preload script', 'renderer-imports-only-shared', 'src/preload/index.ts', '../renderer/lib/a.ts'],
    ['the main process imports no page', 'main-imports-no-page', 'src/main/console/a.ts', '../../renderer/a.ts'],
    ['the app imports no tests', 'src-stands-alone', 'src/main/policy/a.ts', '../../../test/fixtures/until.ts'],
  ])('%s', (_sentence, rule, path, specifier) => {
    expect(broken({ [path]: `import { x } from '${specifier}';` })).toEqual([rule]);
  });

  it.each([
    ['types', "import type { X } from '../policy/decide.ts';"],
    ['an inline type', "import { type X } from '../policy/decide.ts';"],
    ['an import() type', "type X = import('../policy/decide.ts').X;"],
    ['a re-export', "export { x } from '../policy/decide.ts';"],
    ['a whole re-export', "export * from '../policy/decide.ts';"],
    ['a side effect', "import '../policy/decide.ts';"],
    ['a dynamic import', "const x = await import('../policy/decide.ts');"],
    ['a dynamic import in a template', 'const x = await import(`../policy/decide.ts`);'],
  ])('see through %s', (_what, code) => {
    expect(broken({ 'src/main/gateway/a.ts': code })).toEqual(['room-entered-by-index']);
  });

  it('find circles of run-time imports, and leave types alone', () => {
    const circle = (form: string) => ({
      'src/main/policy/a.ts': "import { b } from './b.ts';",
      'src/main/policy/b.ts': "import { c } from './c.ts';",
      'src/main/policy/c.ts': `${form} { a } from './a.ts';`,
    });
    expect(broken(circle('import'))).toEqual(['no-circles']);
    expect(broken(circle('import type'))).toEqual([]);
  });

  it('allow what the house allows', () => {
    expect(
      broken({
        'src/shared/words.ts': "import { z } from 'zod'; import './contract/index.ts';",
        'src/main/index.ts': "import { start } from './desktop/index.ts';",
        'src/main/desktop-backend.ts': "import { createApp } from './app.ts';",
        'src/main/app.ts': "import { createGate } from './policy/index.ts';",
        'src/main/cli/serve.ts':
          "import { createApp } from '../app.ts'; import { openConsole } from '../console/index.ts';",
        'src/main/cli/version.ts': "import json from '../../../package.json' with { type: 'json' };",
        'src/main/desktop/a.ts': "import { app } from 'electron'; import type { Gate } from '../policy/index.ts';",
        'src/preload/index.ts': "import { contextBridge } from 'electron';",
        'src/renderer/a.tsx': "import type { Call } from '@shared/contract/index.ts'; import './b.css';",
      }),
    ).toEqual([]);
  });
});
