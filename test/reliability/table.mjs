// Makes the tables of reliability from what the measuring commands left: `table.mjs FOLDER README`. All of it is in
// the README of this folder; the product's has what a reader wants to know first.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { putTable, row } from '../support/readme.mjs';

const [, , folder, readme] = process.argv;

/** What was measured, in the order of the table. */
const FILES = [
  'versions',
  'fuzz',
  'fuzz-wasm',
  'fuzz-wasm-socket',
  'network',
  'forgery',
  'life',
  'life-sources',
  'process',
  'soak',
  'load',
];

/** The beginnings of what the product's README shows. */
const FIRST = [
  'reports as text and CSV',
  'inputs that libFuzzer played',
  'of the C core, reached',
  'Random and mutated datagrams',
  '30 % loss each way: getTracking()',
  'loss, jitter, duplicates',
  'A flood of answers with a guessed',
  'The chance that such a flood',
  'A flood of right answers from another port',
  'Where datagrams may pile up',
  'chronyd killed',
  'reports with a record for each',
  "Node's permission model",
  'memory (RSS) in 1 000 000',
  'descriptors and listeners left by 1 000 000',
  'time of a query, last tenth / first tenth, in 1 000 000',
  '200 scrapes a second',
];

const figures = [];
for (const name of FILES) figures.push(...JSON.parse(await readFile(join(folder, `${name}.json`), 'utf8')));

function table(rows) {
  const lines = rows.map(({ what, figure, command }) => row(what, figure, `\`${command}\``));
  return [row('what', 'figure', 'by'), '|---|---|---|', ...lines];
}

for (const first of FIRST) {
  if (!figures.some(({ what }) => what.startsWith(first)))
    throw new Error(`nothing was measured of: ${first}`);
}
await putTable('reliability', table(figures), 'test/reliability/README.md');
const chosen = figures.filter(({ what }) => FIRST.some((first) => what.startsWith(first)));
await putTable('reliability', table(chosen), readme);
