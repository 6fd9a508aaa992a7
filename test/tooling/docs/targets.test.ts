/** The target files in the documents can be read exactly as they are written. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openTargets } from '../../../src/fleet/targets/targets.ts';
import { blocksIn } from './support/documents.ts';

const [lines, groups] = blocksIn('').filter(
  ({ document, title }) => document === 'src/fleet/README.md' && title === 'Files',
);

it.each([
  { name: 'clocks', block: lines, labels: { note: 'in the cellar', site: 'a' } },
  { name: 'clocks.yml', block: groups, labels: { site: 'a' } },
])('$name', async ({ name, block, labels }) => {
  const folder = await mkdtemp(join(tmpdir(), 'targets-'));
  try {
    const file = join(folder, name);
    await writeFile(file, block?.code ?? '');
    const resolver = () => ({
      resolve4: async () => [],
      resolve6: async () => [],
      resolveSrv: async () => [{ name: 'ntp2.example.org', port: 323 }],
      cancel: () => {},
    });
    using list = await openTargets({ hosts: [], files: [file], warn: () => {}, resolver });
    expect([...list.targets.keys()]).toEqual(['ntp1.example.org', '192.0.2.1:10323', 'ntp2.example.org']);
    expect(list.targets.get('192.0.2.1:10323')?.labels).toEqual(labels);
    expect(list.targets.get('ntp2.example.org')?.labels).toEqual({ site: 'b' });
  } finally {
    await rm(folder, { recursive: true });
  }
});
