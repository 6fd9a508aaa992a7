// Generates the README's table of runtimes from the test results: `table.mjs RESULTS README`.
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { putTable, row } from '../../support/readme.mjs';

const [, , results, readme] = process.argv;
const { testResults } = JSON.parse(await readFile(results, 'utf8'));
const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
const runtimes = tests.flatMap(({ meta }) => meta?.runtime ?? []);
if (runtimes.length === 0) throw new Error(`${results} contains no runtime`);

function describe({ name, by, needs, latency }) {
  const own = tests.filter(
    ({ ancestorTitles, status }) => ancestorTitles[0] === `${name} by ${by}` && status !== 'skipped',
  );
  const passed = own.filter(({ status }) => status === 'passed').length;
  const wants = needs === 'nothing' ? needs : `\`${needs}\``;
  return row(name, `\`${by}\``, wants, `${passed} of ${own.length}`, latency.ratio.toFixed(2));
}

const heading = ['runtime', 'Unix sockets by', 'needs', 'tests passed', 'time of a query, Unix / UDP'];
await putTable('runtimes', [row(...heading), '|---|---|---|---|---|', ...runtimes.map(describe)], readme);
