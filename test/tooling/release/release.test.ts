/** `make check-release`: a tag is released only as what package.json and CHANGELOG.md say. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

let dir: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'release-'));
  writeFileSync(join(dir, 'package.json'), '{ "version": "1.2.3" }');
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** What is said of a tag, on GitHub or elsewhere. */
function check(tag: string, repository?: string): { readonly status: number | null; readonly said: string } {
  const { GITHUB_REPOSITORY: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [resolve('test/tooling/release/release.mjs'), tag],
    {
      cwd: dir,
      env: repository === undefined ? env : { ...env, GITHUB_REPOSITORY: repository },
      encoding: 'utf8',
    },
  );
  return { status, said: stdout + stderr };
}

it.each([
  ['that version', 'v1.2.3', '## 1.2.3 - 2026-01-02\n', 0, 'v1.2.3 is the version in package.json'],
  ['another version', 'v1.2.4', '## 1.2.4 - 2026-01-02\n', 1, 'it takes TAG=v1.2.3'],
  ['a version without v', '1.2.3', '## 1.2.3\n', 1, 'it takes TAG=v1.2.3'],
  ['no tag', '', '## 1.2.3\n', 1, 'TAG is missing'],
  ['no entry', 'v1.2.3', '## Unreleased\n', 1, 'CHANGELOG.md tells nothing of 1.2.3'],
  ['the entry of a longer version', 'v1.2.3', '## 1.2.30 - 2026-01-02\n', 1, 'tells nothing of 1.2.3'],
])('%s', (_, tag, changelog, status, said) => {
  writeFileSync(join(dir, 'CHANGELOG.md'), changelog);
  const checked = check(tag);
  expect(checked.status).toBe(status);
  expect(checked.said).toContain(said);
  expect(checked.said.trim().split('\n')).toHaveLength(1);
});

it.each([
  ['no repository', undefined, 1],
  ['another', 'git+https://github.com/somebody/else.git', 1],
  ['the one it is in', 'git+https://github.com/owner/name.git', 0],
])('on GitHub, %s in package.json', (_, url, status) => {
  const repository = url === undefined ? {} : { repository: { type: 'git', url } };
  writeFileSync(join(dir, 'package.json'), JSON.stringify({ version: '1.2.3', ...repository }));
  writeFileSync(join(dir, 'CHANGELOG.md'), '## 1.2.3\n');
  expect(check('v1.2.3', 'owner/name')).toEqual({
    status,
    said: expect.stringContaining(
      status === 0 ? 'v1.2.3 is the version' : 'https://github.com/owner/name.git',
    ),
  });
});
