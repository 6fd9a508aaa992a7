/** The rules for test/ in test/README.md. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { documents } from '../docs/support/documents.ts';

const MADE: ReadonlySet<string> = new Set(['node_modules', 'corpus']);

function entriesIn(folder: string) {
  return readdirSync(folder, { withFileTypes: true }).filter(({ name }) => !MADE.has(name));
}

function filesIn(folder: string): string[] {
  return entriesIn(folder).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesIn(path) : [path];
  });
}

function foldersIn(folder: string): string[] {
  return entriesIn(folder)
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, name))
    .filter((path) => filesIn(path).length > 0);
}

const files = filesIn('test');
const tests = files.filter((path) => path.endsWith('.test.ts'));
const units = tests.filter((path) => path.startsWith('test/unit/'));

/** The direct and indirect imports of a test file, except those of the source. */
function needs(file: string, found = new Set<string>()): ReadonlySet<string> {
  const code = readFileSync(file, 'utf8');
  for (const [, specifier = ''] of code.matchAll(/\b(?:from|import) ?\(?'([^']+)'/g)) {
    const path = specifier.startsWith('.') ? join(dirname(file), specifier) : specifier;
    if (found.has(path) || path.startsWith('src/')) continue;
    found.add(path);
    if (path.endsWith('.ts')) needs(path, found);
  }
  return found;
}

it('finds the files of the tests', () => {
  expect(units).toContain('test/unit/client/pool.test.ts');
  expect(tests).toContain('test/tooling/layout/layout.test.ts');
  expect([...needs('test/integration/client/tracking.test.ts')]).toContain('node:child_process');
});

describe('the unit tests', () => {
  it('are in folders with the same names as in src', () => {
    const folders = new Set(units.map((path) => dirname(path).replace('test/unit', 'src')));
    expect([...folders].filter((folder) => !existsSync(folder))).toEqual([]);
  });

  it('start no process, import nothing from the other tests, and replace no module', () => {
    for (const path of units) {
      const needed = [...needs(path)];
      expect(
        needed.filter((name) => /^(?:node:child_process|test\/(?!unit|support)|dist)/.test(name)),
        path,
      ).toEqual([]);
      expect(readFileSync(path, 'utf8'), path).not.toMatch(/\bvi\.(?:do)?[mM]ock\(/);
    }
  });
});

it('no test is skipped, marked as todo, retried, or run exclusively', () => {
  const WRONG =
    /\b(?:it|test|describe)(?:\.each\(.*\))?\.(?:skip|only|todo|fails)\b|, \{(?: \w+: \w+,)* retry: /;
  const wrong = tests.filter((path) => WRONG.test(readFileSync(path, 'utf8')));
  expect(wrong.filter((path) => path !== 'test/tooling/layout/layout.test.ts')).toEqual([]);
});

describe('test/README.md', () => {
  const { inline = [] } = documents.find(({ path }) => path === 'test/README.md') ?? {};
  const isListed = (folder: string): boolean => inline.includes(`${folder}/`);

  it('lists every folder', () => {
    const folders = foldersIn('test').map((path) => path.replace('test/', ''));
    expect(folders.filter((folder) => !isListed(folder))).toEqual([]);
    const subfolders = ['integration', 'system', 'tooling'].flatMap((folder) =>
      foldersIn(join('test', folder)),
    );
    expect(subfolders.filter((path) => !isListed(path.replace(/^test\/\w+\//, '')))).toEqual([]);
  });

  it('lists no folder that does not exist', () => {
    const named = inline.filter((text) => text.endsWith('/') && !text.startsWith('.') && text !== 'src/');
    const places = ['test', 'test/integration', 'test/system', 'test/tooling'];
    expect(named.filter((name) => !places.some((place) => existsSync(join(place, name))))).toEqual([]);
  });

  it('lists every file of support/, except auxiliary files of another one', () => {
    const AUXILIARY = ['readme.d.mts', 'namespace.sh', 'unpack-chrony.sh'];
    const names = filesIn('test/support').map((path) => path.replace('test/support/', ''));
    expect(names.filter((name) => !inline.includes(name) && !AUXILIARY.includes(name))).toEqual([]);
  });
});
