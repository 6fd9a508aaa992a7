/** The files and headings that the documents link to exist. */
import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { documents } from './support/documents.ts';

const anchorsOf = new Map(documents.map(({ path, anchors }) => [path, anchors]));
const linking = documents.filter(({ links }) => links.length > 0);

it('finds documents with links', () => {
  expect(linking.map(({ path }) => path)).toContain('README.md');
});

describe.each(linking)('$path', ({ path, links }) => {
  it.each(links)('$url, line $line', ({ url }) => {
    // External pages cannot be checked here.
    if (/^https?:/.test(url)) return;
    const [file = '', anchor] = url.split('#');
    const target = file === '' ? path : normalize(join(dirname(path), decodeURI(file)));
    expect(existsSync(target), target).toBe(true);
    if (anchor !== undefined) expect([...(anchorsOf.get(target) ?? [])]).toContain(anchor);
  });
});

const paths = documents.flatMap(({ path, inline }) =>
  inline
    .filter((text) => /^(?:src|test|wasm|docker)\/[\w./-]+$/.test(text))
    .map((named) => ({ document: path, named })),
);

it.each(paths)('$named, in $document, exists', ({ named }) => {
  expect(existsSync(named)).toBe(true);
});

/** The languages that other tests of this folder run, and drawings, which have no language. */
const RUN = ['js', 'sh', 'console', 'yaml', 'conf', ''];

it('all code in the documents is in a language that is tested', () => {
  const others = documents.flatMap(({ blocks }) => blocks.filter(({ language }) => !RUN.includes(language)));
  expect(others).toEqual([]);
});
