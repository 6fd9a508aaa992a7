/** Every declaration that a user's compiler can reach, held against the committed one: no public type changes by accident. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

/** The declarations that a file reaches through its imports and exports, itself first. */
async function reachable(file: string, seen = new Map<string, string>()): Promise<Map<string, string>> {
  if (seen.has(file)) return seen;
  const text = await readFile(file, 'utf8');
  seen.set(file, text);
  for (const [, path = ''] of text.matchAll(/from '(\.[^']+)'/g)) {
    await reachable(resolve(dirname(file), path.replace(/\.ts$/, '.d.ts')), seen);
  }
  return seen;
}

it('the public declarations are those of test/contract/declarations.txt', async () => {
  const out = await mkdtemp(join(tmpdir(), 'declarations-'));
  try {
    const tsc = ['tsc', '-p', 'tsconfig.build.json', '--removeComments', '--outDir', out];
    await promisify(execFile)('npx', tsc);
    const files = await reachable(join(out, 'index.d.ts'));
    await reachable(join(out, 'testing/index.d.ts'), files);
    const text = [...files]
      .map(([file, declarations]) => `// ${relative(out, file)}\n${declarations}`)
      .sort()
      .join('\n');
    // after a change that is meant: npx vitest run test/contract --update
    await expect(text).toMatchFileSnapshot('declarations.txt');
  } finally {
    await rm(out, { recursive: true, force: true });
  }
});
