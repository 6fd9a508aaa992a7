// Writes the reliability table from the files of the measuring commands: `table.mjs FOLDER README`.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { putTable, row } from '../support/readme.mjs';

const [, , folder, readme] = process.argv;

/** The files with the measurements, in the order of the table. */
const FILES = [
  'versions',
  'fuzz',
  'fuzz-wasm',
  'fuzz-wasm-socket',
  'network',
  'forgery',
  'truth',
  'life',
  'life-sources',
  'process',
  'soak',
  'soak-serve',
  'load',
];

const figures = [];
for (const name of FILES) figures.push(...JSON.parse(await readFile(join(folder, `${name}.json`), 'utf8')));

function table(rows) {
  const lines = rows.map(({ what, figure, command }) => row(what, figure, `\`${command}\``));
  return [row('measurement', 'result', 'command'), '|---|---|---|', ...lines];
}

await putTable('reliability', table(figures), readme);
