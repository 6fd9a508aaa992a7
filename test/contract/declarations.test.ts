/** The declarations that a user's compiler sees, held against the committed ones: no public type changes by accident. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Copy } from '../package/support/build.ts';
import { mustRun } from '../package/support/run.ts';

it('the public declarations are those of test/contract/declarations.txt', async () => {
  await using copy = await Copy.make();
  await mustRun('npm', ['run', '--silent', 'types'], { cwd: copy.root });
  const texts = ['index', 'testing/index', 'prometheus/index', 'opentelemetry/index'].map(async (entry) => {
    const text = await readFile(join(copy.root, `dist/${entry}.d.ts`), 'utf8');
    return `// ${entry}\n${text.replaceAll(/^ *\/\*\*[\s\S]*?\*\/\n/gm, '')}`;
  });
  // after a change that is meant: npx vitest run test/contract --update
  await expect((await Promise.all(texts)).join('\n')).toMatchFileSnapshot('declarations.txt');
});
