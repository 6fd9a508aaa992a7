// Puts what was measured into the README: `table.mjs RESULTS README`. Ratios only: what an absolute time is worth,
// the reader's machine decides.
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { putTable, row } from '../support/readme.mjs';

const [, , results, readme] = process.argv;

/** What each benchmark measures, in the order of the table. */
const WHAT = {
  'query-udp': '`getTracking()` on an open connection / the same bytes over raw `node:dgram`',
  'query-unix': 'the same over the Unix socket / the same bytes on a bare descriptor',
  'query-vs-native': '`getTracking()` / the native C library, `poll()` and all getters',
  'raw-vs-native': '(raw `node:dgram` without us / the native C library)',
  'vs-chronyc-process': 'running `chronyc -c` and parsing / `getTracking()`',
  'one-shot': '`getTracking()` with a connection of its own / raw `node:dgram`, opened and closed',
  decode: 'a reply in the sandbox into a validated `TrackingStatus` / the native getters',
  'sources-1000': '`getSources()` with 1 000 sources / a whole `chronyc -n sources`',
  fleet:
    '`pollMany()`, 1 000 endpoints, 100 at a time, answers in a second / raw `node:dgram`, opened and closed',
  'fleet-growth-10': '`pollMany()`, the time of one of 10 endpoints / of one of 100',
  'fleet-growth-1000': 'of one of 1 000 / of one of 100',
  'fleet-growth-10000': 'of one of 10 000 / of one of 100',
  'fleet-memory': 'memory of an open connection (RSS), of 1 000 / 20 KB',
  'fleet-memory-raw': '(of a raw `node:dgram` socket / 20 KB)',
  import: 'a program that imports the library and makes its instance / an empty one',
  'import-minimal': '(one that imports `node:dgram` and makes an instance of the binary / an empty one)',
  'cli-start': '`chrony-wasm tracking` / `node -e 0`',
  'cli-start-minimal': '(the least that a program can do which asks and prints / `node -e 0`)',
  'bound-now': '`BoundedClock.now()` / reading the two clocks that it is made of',
  'size-wasm': 'the binary / 16 KB',
  'size-entry': 'what an import of the library reads, the binary in it / 45 KB',
  'size-tarball': 'the tarball / 150 KB',
};

function number(value) {
  return value >= 20 ? value.toFixed(0) : value.toFixed(2);
}

/** How a result stands to its target. What may take some milliseconds more is told by how many times that it takes. */
function outcome({ ours, reference, target, pass }) {
  const [, more] = /^at most (\d+) ms more$/.exec(target) ?? [];
  if (more === undefined) return pass ? 'met' : 'missed';
  return pass ? 'met' : `missed: ${number((ours - reference) / Number(more))} times as much more`;
}

const lines = [row('what', 'where', 'ratio', 'target', ''), '|---|---|---|---|---|'];
const measured = JSON.parse(await readFile(results, 'utf8'));
for (const [name, what] of Object.entries(WHAT)) {
  for (const result of measured.filter((each) => each.name === name)) {
    const floor = what.startsWith('(');
    const where = name.startsWith('size') ? '' : result.runtime;
    const { ratio, target } = result;
    lines.push(row(what, where, number(ratio), floor ? '' : target, floor ? '' : outcome(result)));
  }
}
await putTable('bench', lines, readme);
