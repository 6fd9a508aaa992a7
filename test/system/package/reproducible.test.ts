/** The same source gives the same tarball, regardless of the place, the time and the user of the build. */
import { createHash } from 'node:crypto';
import { chmod, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { built, Copy } from './support/build.ts';
import { mustRun } from './support/run.ts';

/** Hashes of the tarball and of each file in `dist`. */
async function hashes(root: string, tarball: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const hash = async (path: string): Promise<string> =>
    createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
  const dist = join(root, 'dist');
  for (const entry of await readdir(dist, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) found[path.slice(dist.length)] = await hash(path);
  }
  return { ...found, tarball: await hash(tarball) };
}

/** Builds and packs a copy of the checkout in a new folder. */
async function builtElsewhere(env: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  await using copy = await Copy.make();
  // The result must not depend on the location and the file attributes of the source.
  await chmod(join(copy.root, 'package.json'), 0o600);
  const script = 'umask 077 && npm run --silent build && npm pack --silent';
  const tarball = (await mustRun('sh', ['-c', script], { cwd: copy.root, env })).trim();
  return await hashes(copy.root, join(copy.root, tarball));
}

it('two builds are identical, byte for byte', async () => {
  // the build that all tests use
  const { root, tarball } = await built();
  const other = await builtElsewhere({
    LC_ALL: 'tr_TR.UTF-8',
    LANG: 'tr_TR.UTF-8',
    TZ: 'Pacific/Kiritimati',
    HOME: '/nonexistent',
    USER: 'somebody',
    SOURCE_DATE_EPOCH: '86400',
    FORCE_COLOR: '1',
    NODE_ENV: 'production',
  });
  const one = await hashes(root, tarball);
  expect(Object.keys(one).length).toBeGreaterThan(10);
  expect(other).toEqual(one);
});
