// Makes the README's table of reliability from what the measuring commands left: `table.mjs FOLDER README`.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { putTable, row } from '../support/readme.mjs';

const [, , folder, readme] = process.argv;
const files = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
const figures = [];
for (const file of files) figures.push(...JSON.parse(await readFile(join(folder, file), 'utf8')));

const rows = figures.map(({ what, figure, command }) => row(what, figure, `\`${command}\``));
await putTable('reliability', [row('what', 'figure', 'by'), '|---|---|---|', ...rows], readme);
