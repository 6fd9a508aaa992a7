// Writes the results into documents: `table.mjs RESULTS README`. The README of this folder gets all results as a table;
// the product's README gets sentences about a few. Only ratios, because absolute times depend on the machine.
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { putTable, row } from '../support/readme.mjs';

const [, , results, readme] = process.argv;

/** The description of each benchmark, in the order of the table. */
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
  scrape:
    'a scrape of `serve`, five reports on four sources / a raw HTTP server with as many datagrams and bytes',
  'scrape-rare': 'the same after a pause of a second',
  'scrape-memory': 'memory of its process (RSS) after 5 000 scrapes / of that server',
  'scrape-memory-start': '(after the first scrape)',
  'watch-many': '`watchMany()`, 10 000 endpoints every 15 s, a tenth of them silent / one core',
  'watch-many-growth-1000':
    '`watchMany()`, the time of the processor for one of 1 000 endpoints / of one of 100',
  'watch-many-growth-10000': 'for one of 10 000 / of one of 100',
  'watch-many-memory': '`watchMany()`, memory of one of 10 000 endpoints between its requests / 4 KB',
  'fleet-process':
    '`chrony-wasm fleet --listen`, 10 000 targets with four sources each, every 15 s, the whole process / one core',
  'fleet-process-viewer': 'the same while its page is open / one core',
  'fleet-process-dead': 'the same with a tenth of the targets dead / one core',
  'fleet-process-dead-viewer':
    'the same with a tenth dead while its page is open, when the slower round is busiest / one core',
  'fleet-process-spread': 'its requests in the busiest tenth of a second / the mean',
  'fleet-process-sockets': 'its open sockets between requests / its targets',
  'fleet-process-memory': 'its memory (RSS) for one of 10 000 targets, under way / 4 KB',
  'fleet-process-rest': 'its memory (RSS) for one of 10 000 targets, at rest / 4 KB',
  'fleet-process-growth-1000': 'its time of the processor for one of 1 000 targets / of one of 100',
  'fleet-process-growth-10000': 'for one of 10 000 / of one of 100',
  import:
    'a program that imports the library and makes its instance / one that does so with `node:dgram` and the binary alone',
  'import-minimal': '(that one / an empty one)',
  'cli-start': '`chrony-wasm tracking` / the least that a program can do which asks and prints',
  'cli-start-minimal': '(that one / a program that does nothing)',
  'bound-now': '`BoundedClock.now()` / reading the two clocks that it is made of',
  'size-wasm': 'the binary / 16 KB',
  'size-entry': 'what an import of the library reads, the binary in it / 45 KB',
  'size-tarball': 'the tarball / 150 KB',
};

function number(value) {
  return value >= 20 ? value.toFixed(0) : value.toFixed(2);
}

/** The results that matter most to users, as sentences for the product's README. Each uses the first result of its name. */
const SENTENCES = {
  'vs-chronyc-process': (ratio) =>
    `running \`chronyc -c\` and parsing its output takes ${ratio} times as long as a query.`,
  'query-udp': (ratio) => `A query takes ${ratio} times as long as the same bytes over raw \`node:dgram\`.`,
  'query-unix': (ratio) => `Over the Unix socket it takes ${ratio} times as long as on a bare descriptor.`,
  'cli-start': (ratio) =>
    `\`chrony-wasm tracking\` takes ${ratio} times as long as the shortest program that queries and prints.`,
  scrape: (ratio) =>
    `A scrape of \`serve\` takes ${ratio} times as long as one of a bare HTTP server that sends the same datagrams.`,
  'watch-many': (ratio) =>
    `\`watchMany()\` queries 10 000 endpoints every 15 s with ${ratio} of one processor core.`,
};

/** Whether a result meets its target. A target of additional milliseconds is reported as a multiple of them. */
function outcome({ ours, reference, target, pass }) {
  const [, more] = /^at most (\d+) ms more$/.exec(target) ?? [];
  if (more === undefined) return pass ? 'met' : 'missed';
  return pass ? 'met' : `missed: ${number((ours - reference) / Number(more))} times as much more`;
}

function line(result) {
  const what = WHAT[result.name];
  const floor = what.startsWith('(');
  const where = result.name.startsWith('size') ? '' : result.runtime;
  return row(what, where, number(result.ratio), floor ? '' : result.target, floor ? '' : outcome(result));
}

function table(rows) {
  return [row('what', 'where', 'ratio', 'target', ''), '|---|---|---|---|---|', ...rows.map(line)];
}

const measured = JSON.parse(await readFile(results, 'utf8'));
const named = (name) => measured.filter((each) => each.name === name);
await putTable('bench', table(Object.keys(WHAT).flatMap(named)), 'test/bench/README.md');

const sentences = Object.entries(SENTENCES).map(([name, sentence]) => sentence(number(named(name)[0].ratio)));
const rest = '[All ratios, the missed targets, and the reasons](test/bench/README.md).';
await putTable('speed', [`- **Speed**, as ratios within one run: ${[...sentences, rest].join(' ')}`], readme);
