/**
 * `make bench`: runs all benchmarks against their references, prints a table and writes `test/bench/results.json`.
 * With names as arguments, runs only these benchmarks and writes nothing; an unknown name exits with status 2.
 */
import { writeFileSync } from 'node:fs';
import type { Benchmark, Result } from './benchmark.ts';
import { boundNow } from './bound-now.ts';
import { fleet, fleetGrowth, fleetMemory } from './fleet.ts';
import { fleetProcess, fleetProcessDead, fleetProcessGrowth, fleetProcessRest } from './fleet-process.ts';
import {
  decode,
  oneShot,
  queryUdp,
  queryUnix,
  queryVsNative,
  sources1000,
  vsChronycProcess,
} from './query.ts';
import { scrape } from './scrape.ts';
import { size } from './size.ts';
import { cliStart, importing } from './start.ts';
import { watchMany } from './watch-many.ts';

const BENCHMARKS: readonly Benchmark[] = [
  queryUdp,
  queryUnix,
  queryVsNative,
  vsChronycProcess,
  oneShot,
  decode,
  sources1000,
  fleet,
  fleetGrowth,
  fleetMemory,
  scrape,
  watchMany,
  fleetProcess,
  fleetProcessDead,
  fleetProcessRest,
  fleetProcessGrowth,
  importing,
  cliStart,
  boundNow,
  size,
];

function row({ name, ours, reference, ratio, target, pass, unit, runtime }: Result): string {
  const cells = [
    name.padEnd(18),
    runtime.padEnd(16),
    `${ours.toPrecision(3)} ${unit}`.padStart(12),
    `${reference.toPrecision(3)} ${unit}`.padStart(12),
    ratio.toFixed(2).padStart(7),
    target.padEnd(22),
    pass ? 'met' : 'missed',
  ];
  return `${cells.join('  ')}\n`;
}

const names = process.argv.slice(2);
const unknown = names.find((name) => BENCHMARKS.every((benchmark) => benchmark.name !== name));
if (unknown !== undefined) {
  const known = BENCHMARKS.map(({ name }) => name).join(', ');
  process.stderr.write(`there is no benchmark '${unknown}'; the benchmarks are: ${known}\n`);
  process.exit(2);
}
const chosen = names.length === 0 ? BENCHMARKS : BENCHMARKS.filter(({ name }) => names.includes(name));
process.stdout.write(
  `${'benchmark'.padEnd(18)}  ${'runtime'.padEnd(16)}  ${'ours'.padStart(12)}  ${'reference'.padStart(12)}    ratio  target\n`,
);
const results: Result[] = [];
for (const benchmark of chosen) {
  for (const result of await benchmark.run()) {
    results.push(result);
    process.stdout.write(row(result));
  }
}
if (names.length === 0) writeFileSync('test/bench/results.json', `${JSON.stringify(results, null, 2)}\n`);
