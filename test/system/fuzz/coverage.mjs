// Reads an lcov file. Prints the lines and branches of each file, and the ones not reached. Fails below 95 % of the lines.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { writeFigure } from './figures.mjs';

const LEAST = 95;

/** The lines with this prefix in a file's record, as arrays of their parts. */
const rows = (record, prefix) =>
  [...record.matchAll(new RegExp(`^${prefix}:(.*)$`, 'gm'))].map(([, row]) => row.split(','));

function readRecord(record) {
  const [[path]] = rows(record, 'SF');
  const lines = rows(record, 'DA');
  const branches = rows(record, 'BRDA');
  const missed = {
    lines: lines.filter(([, count]) => count === '0').map(([line]) => line),
    branches: branches.filter(([, , , count]) => count === '-' || count === '0').map(([line]) => line),
  };
  return { file: relative('.', path), lines: lines.length, branches: branches.length, missed };
}

const part = (all, missed) => `${all - missed} of ${all}`;
const sum = (files, count) => files.reduce((total, file) => total + count(file), 0);

const [, , lcov] = process.argv;
const files = readFileSync(lcov, 'utf8').split('end_of_record\n').filter(Boolean).map(readRecord);
for (const { file, lines, branches, missed } of files) {
  console.log(
    `${file}: lines ${part(lines, missed.lines.length)}, branches ${part(branches, missed.branches.length)}`,
  );
  const source = readFileSync(file, 'utf8').split('\n');
  for (const line of missed.lines) console.log(`  not reached: ${line}: ${source[line - 1]}`);
  for (const line of missed.branches) console.log(`  one way only: ${line}: ${source[line - 1]}`);
}

const lines = sum(files, (file) => file.lines);
const missed = sum(files, (file) => file.missed.lines.length);
const percent = (100 * (lines - missed)) / lines;
const branches = sum(files, (file) => file.branches);
const missedBranches = sum(files, (file) => file.missed.branches.length);
const figure = `${percent.toFixed(1)} % of its ${lines} lines, ${part(branches, missedBranches)} branches`;
console.log(figure);
if (lines === 0 || percent < LEAST) {
  console.error(`that is less than ${LEAST} % of the lines`);
  process.exitCode = 1;
}
writeFigure('make fuzz-coverage', 'of the C core, reached by the kept inputs of the fuzzer', figure);
