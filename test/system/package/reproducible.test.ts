/** The same source makes the same tarball, whoever builds it, where and when. */
import { createHash } from 'node:crypto';
import { chmod, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Copy } from './support/build.ts';
import { mustRun } from './support/run.ts';

/** Builds and packs a copy of the checkout in a folder of its own. @returns a hash of each file, and of the tarball */
async function built(umask: string, env: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  await using copy = await Copy.make();
  // nothing of it may depend on how the source lies there
  await chmod(join(copy.root, 'package.json'), umask === '077' ? 0o600 : 0o664);
  const script = `umask ${umask} && npm run --silent build && npm pack --silent`;
  await mustRun('sh', ['-c', script], { cwd: copy.root, env });
  const hashes: Record<string, string> = {};
  for (const entry of await readdir(copy.root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && /\/dist\/|\.tgz$/.test(path)) {
      hashes[path.slice(copy.root.length)] = createHash('sha256')
        .update(await readFile(path))
        .digest('hex');
    }
  }
  return hashes;
}

it('two builds are the same, byte for byte', async () => {
  const one = await built('022', { LC_ALL: 'C.UTF-8', TZ: 'UTC', HOME: '/tmp' });
  const other = await built('077', {
    LC_ALL: 'tr_TR.UTF-8',
    LANG: 'tr_TR.UTF-8',
    TZ: 'Pacific/Kiritimati',
    HOME: '/nonexistent',
    USER: 'somebody',
    SOURCE_DATE_EPOCH: '86400',
    FORCE_COLOR: '1',
    NODE_ENV: 'production',
  });
  expect(Object.keys(one).filter((name) => name.endsWith('.tgz'))).toHaveLength(1);
  expect(other).toEqual(one);
});
