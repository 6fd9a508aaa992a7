/** The source has layers: a lower layer does not import a higher one. */
import { expect, it } from 'vitest';
import { cycles, type Imports, reachable, readImports } from './imports.ts';

/** The layers from the top. A folder stands for all its files; files that are not listed are below `index.ts`. */
const LAYERS = [
  ['page/', 'cli/'],
  ['server/'],
  ['fleet/'],
  ['prometheus/', 'opentelemetry/', 'testing/', 'chronyc/'],
  ['metrics/'],
  ['index.ts'],
  ['health/'],
  ['clock/'],
  ['client/'],
  ['sandbox/', 'socket/'],
  ['reports/'],
  ['util/', 'errors.ts'],
] as const;
const INDEX = LAYERS.findIndex(([name]) => name === 'index.ts');

const all = readImports({ types: true });
const loaded = readImports({ types: false });

/** The number of a file's layer; null if it is not listed. */
function layerOf(file: string): number | null {
  const layer = LAYERS.findIndex((names) => names.some((name) => file.startsWith(name)));
  return layer < 0 ? null : layer;
}

/** True if one file is in a higher layer than the other. A file that is not listed counts as below `index.ts`. */
function isAbove(one: string, other: string): boolean {
  const layer = layerOf(one);
  return layer !== null && layer < (layerOf(other) ?? INDEX + 1);
}

/** The forbidden imports, as `file: imported`. */
const violations = (imports: Imports, isForbidden: (file: string, imported: string) => boolean): string[] =>
  Array.from(imports, ([file, imported]) =>
    [...imported].filter((each) => isForbidden(file, each)).map((each) => `${file}: ${each}`),
  ).flat();

const isOurs = (name: string): boolean => all.has(name);

it('finds the source files and their imports', () => {
  expect([...(all.get('client/channel.ts') ?? [])]).toEqual(
    expect.arrayContaining(['sandbox/session.ts', 'socket/udp.ts']),
  );
  expect(all.get('cli/serve.ts')).toContain('server/serve.ts');
  const unknown = violations(all, (_, name) => /^[^:]+\.ts$/.test(name) && !isOurs(name));
  expect(unknown).toEqual([]);
});

it('has no import cycles, not even of types', () => {
  expect(cycles(all)).toEqual([]);
});

it('has no import of a higher layer', () => {
  expect(violations(all, (file, name) => isAbove(name, file))).toEqual([]);
});

it.each(LAYERS.slice(INDEX).flat())('%s loads no file of a higher layer', (name) => {
  for (const file of [...all.keys()].filter((each) => each.startsWith(name))) {
    const above = [...reachable(loaded, file)].filter((each) => isAbove(each, file));
    expect(above.map((each) => `${file} … ${each}`)).toEqual([]);
  }
});

it('nothing imports the command line', () => {
  expect(violations(all, (file, name) => !file.startsWith('cli/') && name.startsWith('cli/'))).toEqual([]);
});

it('a session imports no module of Node.js: bytes in, bytes out', () => {
  const names = [...(all.get('sandbox/session.ts') ?? []), ...reachable(loaded, 'sandbox/session.ts')];
  expect(names.filter((name) => name.startsWith('node:'))).toEqual([]);
});

it('the reports import only each other and the errors', () => {
  const isElse = (file: string, name: string) =>
    file.startsWith('reports/') && !name.startsWith('reports/') && name !== 'errors.ts';
  expect(violations(all, isElse)).toEqual([]);
});

it('the code shared by the command line and the page runs in a browser: no module of Node.js, no client', () => {
  for (const file of [...all.keys()].filter((each) => each.startsWith('chronyc/'))) {
    const names = [...reachable(all, file), ...(all.get(file) ?? [])];
    const wrong = names.filter((name) => name.startsWith('node:') || name.startsWith('client/'));
    expect(wrong.map((each) => `${file} … ${each}`)).toEqual([]);
  }
});
