/** `make check-release`: a tag is released only if it matches package.json and CHANGELOG.md. */
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

/** The result of the check of a tag, on GitHub if a repository is given. */
function check(
  tag: string,
  repository?: string,
): { readonly status: number | null; readonly output: string } {
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
  return { status, output: stdout + stderr };
}

it.each([
  ['that version', 'v1.2.3', '## 1.2.3 - 2026-01-02\n', 0, 'v1.2.3 is the version in package.json'],
  ['another version', 'v1.2.4', '## 1.2.4 - 2026-01-02\n', 1, 'it takes TAG=v1.2.3'],
  ['a version without v', '1.2.3', '## 1.2.3\n', 1, 'it takes TAG=v1.2.3'],
  ['no tag', '', '## 1.2.3\n', 1, 'TAG is missing'],
  ['no entry', 'v1.2.3', '## Unreleased\n', 1, 'CHANGELOG.md has no entry for 1.2.3'],
  ['the entry of a longer version', 'v1.2.3', '## 1.2.30 - 2026-01-02\n', 1, 'has no entry for 1.2.3'],
])('%s', (_, tag, changelog, status, message) => {
  writeFileSync(join(dir, 'CHANGELOG.md'), changelog);
  const checked = check(tag);
  expect(checked.status).toBe(status);
  expect(checked.output).toContain(message);
  expect(checked.output.trim().split('\n')).toHaveLength(1);
});

const PAGE = 'https://github.com/owner/name';
const WHOLE = {
  repository: { type: 'git', url: `git+${PAGE}.git` },
  homepage: `${PAGE}#readme`,
  bugs: `${PAGE}/issues`,
};

it.each<[string, object, readonly string[]]>([
  ['no field', {}, ['repository', 'homepage', 'bugs']],
  [
    'another repository',
    { ...WHOLE, repository: { type: 'git', url: 'git+https://github.com/a/b.git' } },
    ['repository'],
  ],
  ['no homepage', { ...WHOLE, homepage: undefined }, ['homepage']],
  ['no bug tracker', { ...WHOLE, bugs: undefined }, ['bugs']],
  ['all fields', WHOLE, []],
  ['all fields, bugs as an object', { ...WHOLE, bugs: { url: WHOLE.bugs } }, []],
])('on GitHub, package.json has %s', (_, manifest, missing) => {
  writeFileSync(join(dir, 'package.json'), JSON.stringify({ version: '1.2.3', ...manifest }));
  writeFileSync(join(dir, 'CHANGELOG.md'), '## 1.2.3\n');
  const { status, output } = check('v1.2.3', 'owner/name');
  expect(status).toBe(missing.length === 0 ? 0 : 1);
  const named = Object.entries(WHOLE).filter(([key, value]) =>
    output.includes(`"${key}": ${JSON.stringify(value)}`),
  );
  expect(named.map(([key]) => key)).toEqual(missing);
});
