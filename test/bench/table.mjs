// Writes the results into documents: `table.mjs RESULTS README`. The README of this folder gets a table of all results;
// the product's README gets sentences about the most important ones. Both contain only ratios, because absolute times
// depend on the machine.
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { putTable, row } from '../support/readme.mjs';

const [, , results, readme] = process.argv;

/**
 * The description of each benchmark as "measured / reference", in the order of the table. Parentheses mark a lower limit
 * of what is achievable, which is shown without a target.
 */
const WHAT = {
  'query-udp': '`getTracking()` on an open connection / the same bytes over raw `node:dgram`',
  'query-unix': '`getTracking()` over the Unix socket / the same bytes on a bare file descriptor',
  'query-vs-native': '`getTracking()` / the native C library, `poll()` and all getters',
  'raw-vs-native': '(raw `node:dgram` without the library / the native C library)',
  'vs-chronyc-process': 'running `chronyc -c` and parsing its output / `getTracking()`',
  'one-shot': '`getTracking()` with a new connection / a raw `node:dgram` socket, opened and closed',
  decode: 'decoding a reply in the sandbox into a validated `TrackingStatus` / the native getters',
  'sources-1000': '`getSources()` with 1 000 sources / a whole `chronyc -n sources`',
  fleet:
    '`pollMany()`, 1 000 endpoints, concurrency 100: replies per second / raw `node:dgram` sockets, opened and closed',
  'fleet-growth-10': '`pollMany()`, time per endpoint: 10 endpoints / 100 endpoints',
  'fleet-growth-1000': '`pollMany()`, time per endpoint: 1 000 endpoints / 100 endpoints',
  'fleet-growth-10000': '`pollMany()`, time per endpoint: 10 000 endpoints / 100 endpoints',
  'fleet-memory': 'memory (RSS) per open connection, with 1 000 connections / 20 KB',
  'fleet-memory-raw': '(memory (RSS) per raw `node:dgram` socket / 20 KB)',
  scrape:
    'a scrape of `serve`, five reports, four sources / a raw HTTP server that exchanges as many datagrams and sends as many bytes',
  'scrape-rare': 'a scrape of `serve` after a pause of one second / the raw HTTP server',
  'scrape-memory': 'memory (RSS) of the `serve` process after 5 000 scrapes / of the raw HTTP server',
  'scrape-memory-start':
    '(memory (RSS) of the `serve` process after the first scrape / of the raw HTTP server)',
  'watch-many': '`watchMany()`, 10 000 endpoints every 15 s, a tenth of them silent / one core',
  'watch-many-growth-1000': '`watchMany()`, CPU time per request: 1 000 endpoints / 100 endpoints',
  'watch-many-growth-10000': '`watchMany()`, CPU time per request: 10 000 endpoints / 100 endpoints',
  'watch-many-memory': '`watchMany()`, memory per endpoint between its requests, 10 000 endpoints / 4 KB',
  'fleet-process':
    '`chrony-wasm fleet --listen`, 10 000 targets with four sources each, every 15 s, the whole process / one core',
  'fleet-process-viewer': 'the fleet process while its page is open / one core',
  'fleet-process-dead': 'the fleet process with a tenth of the targets dead / one core',
  'fleet-process-dead-viewer':
    'the fleet process with a tenth of the targets dead, while its page is open and the slower round is busiest / one core',
  'fleet-process-spread': 'the fleet process, requests per tenth of a second: maximum / mean',
  'fleet-process-sockets': 'the fleet process, open sockets between requests / targets',
  'fleet-process-memory': 'the fleet process, memory (RSS) per target, 10 000 targets, while querying / 4 KB',
  'fleet-process-rest': 'the fleet process, memory (RSS) per target, 10 000 targets, at rest / 4 KB',
  'fleet-process-growth-1000': 'the fleet process, CPU time per target: 1 000 targets / 100 targets',
  'fleet-process-growth-10000': 'the fleet process, CPU time per target: 10 000 targets / 100 targets',
  import:
    'a program that imports the library and creates its WebAssembly instance / a minimal program with only `node:dgram` and the binary',
  'import-minimal': '(the minimal program / an empty program)',
  'cli-start': '`chrony-wasm tracking` / a minimal program that sends one query and prints',
  'cli-start-minimal': '(the minimal program / a program that does nothing)',
  'bound-now': '`BoundedClock.now()` / reading the two clocks that it is based on',
  'size-wasm': 'the binary / 16 KB',
  'size-entry': 'the files that an import of the library loads, including the binary / 45 KB',
  'size-tarball': 'the tarball / 150 KB',
};

function number(value) {
  return value >= 20 ? value.toFixed(0) : value.toFixed(2);
}

/** The results that matter most to users, as sentences for the product's README. Each uses the first result with its name. */
const SENTENCES = {
  'vs-chronyc-process': (ratio) =>
    `running \`chronyc -c\` and parsing its output takes ${ratio} times as long as a query.`,
  'query-udp': (ratio) => `A query takes ${ratio} times as long as the same bytes over raw \`node:dgram\`.`,
  'query-unix': (ratio) =>
    `Over the Unix socket, it takes ${ratio} times as long as the same bytes on a bare file descriptor.`,
  'cli-start': (ratio) =>
    `\`chrony-wasm tracking\` takes ${ratio} times as long as a minimal program that sends one query and prints.`,
  scrape: (ratio) =>
    `A scrape of \`serve\` takes ${ratio} times as long as a scrape of a minimal HTTP server that sends as many datagrams.`,
  'watch-many': (ratio) =>
    `\`watchMany()\` uses ${ratio} of a processor core to query 10 000 endpoints every 15 s.`,
};

/** Whether a result meets its target. For a target in additional milliseconds, a miss is reported as a multiple of these. */
function outcome({ ours, reference, target, pass }) {
  const [, allowedMs] = /^at most (\d+) ms more$/.exec(target) ?? [];
  if (allowedMs === undefined) return pass ? 'met' : 'missed';
  return pass ? 'met' : `missed: ${number((ours - reference) / Number(allowedMs))} × the allowed extra time`;
}

function line(result) {
  const what = WHAT[result.name];
  const lowerLimit = what.startsWith('(');
  const runtime = result.name.startsWith('size') ? '' : result.runtime;
  return row(
    what,
    runtime,
    number(result.ratio),
    lowerLimit ? '' : result.target,
    lowerLimit ? '' : outcome(result),
  );
}

function table(rows) {
  return [
    row('measured / reference', 'runtime', 'ratio', 'target', 'result'),
    '|---|---|---|---|---|',
    ...rows.map(line),
  ];
}

const measured = JSON.parse(await readFile(results, 'utf8'));
const named = (name) => measured.filter((each) => each.name === name);
await putTable('bench', table(Object.keys(WHAT).flatMap(named)), 'test/bench/README.md');

const sentences = Object.entries(SENTENCES).map(([name, sentence]) => sentence(number(named(name)[0].ratio)));
const rest = '[All ratios, the missed targets, and the reasons](test/bench/README.md).';
await putTable('speed', [`- **Speed**, as ratios within one run: ${[...sentences, rest].join(' ')}`], readme);
