/** `make check-release`: a tag is released only as what package.json and CHANGELOG.md say. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const repository = { type: 'git', url: 'git+https://git.example.org/clocks/chrony-wasm.git' };
let dir: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'release-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

it.each([
  ['that version', 'v1.2.3', '## 1.2.3 - 2026-01-02\n', 0, 'v1.2.3 is the version in package.json'],
  ['another version', 'v1.2.4', '## 1.2.4 - 2026-01-02\n', 1, 'it takes TAG=v1.2.3'],
  ['a version without v', '1.2.3', '## 1.2.3\n', 1, 'it takes TAG=v1.2.3'],
  ['no tag', '', '## 1.2.3\n', 1, 'TAG is missing'],
  ['no entry', 'v1.2.3', '## Unreleased\n', 1, 'CHANGELOG.md tells nothing of 1.2.3'],
  ['the entry of a longer version', 'v1.2.3', '## 1.2.30 - 2026-01-02\n', 1, 'tells nothing of 1.2.3'],
])('%s', (_, tag, changelog, status, said) => {
  expectToSay({ version: '1.2.3', repository }, changelog, tag, status, said);
});

it('no repository', () => {
  expectToSay({ version: '1.2.3' }, '## 1.2.3 - 2026-01-02\n', 'v1.2.3', 1, 'names no repository');
});

function expectToSay(manifest: object, changelog: string, tag: string, status: number, said: string): void {
  writeFileSync(join(dir, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(dir, 'CHANGELOG.md'), changelog);
  const check = spawnSync(process.execPath, [resolve('test/support/release.mjs'), tag], {
    cwd: dir,
    encoding: 'utf8',
  });
  expect(check.status).toBe(status);
  expect(check.stdout + check.stderr).toContain(said);
  expect((check.stdout + check.stderr).trim().split('\n')).toHaveLength(1);
}
