/** What the documents point at is there. */
import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { documents } from './support/documents.ts';

const anchorsOf = new Map(documents.map(({ path, anchors }) => [path, anchors]));
const linking = documents.filter(({ links }) => links.length > 0);

it('there are documents with links', () => {
  expect(linking.map(({ path }) => path)).toContain('README.md');
});

describe.each(linking)('$path', ({ path, links }) => {
  it.each(links)('$url, line $line', ({ url }) => {
    // a page of somebody else's: nothing here can tell
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

it.each(paths)('$named, in $document, is there', ({ named }) => {
  expect(existsSync(named)).toBe(true);
});

/** The languages that other tests of this folder run, and what is no code: a drawing. */
const RUN = ['js', 'sh', 'console', 'yaml', 'conf', ''];

it('all code of the documents is of a language that is run', () => {
  const others = documents.flatMap(({ blocks }) => blocks.filter(({ language }) => !RUN.includes(language)));
  expect(others).toEqual([]);
});
