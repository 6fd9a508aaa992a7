/** The public declarations match the committed ones, so that no public type changes by accident. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { built } from './support/build.ts';

it('the public declarations match test/system/package/declarations.txt', async () => {
  const { root } = await built();
  const texts = ['index', 'testing/index', 'prometheus/index', 'opentelemetry/index'].map(async (entry) => {
    const text = await readFile(join(root, `dist/${entry}.d.cts`), 'utf8');
    return `// ${entry}\n${text.replaceAll(/^ *\/\*\*[\s\S]*?\*\/\n/gm, '')}`;
  });
  // After an intended change: npx vitest run test/system/package/declarations.test.ts --update
  await expect((await Promise.all(texts)).join('\n')).toMatchFileSnapshot('declarations.txt');
});
