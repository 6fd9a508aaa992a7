// Makes the README's table of the runtimes from the results of their tests: `table.mjs RESULTS README`.
// Prints it, and puts it between `<!-- runtimes -->` and `<!-- /runtimes -->` where the README has these.
import { readFile, writeFile } from 'node:fs/promises';
import process from 'node:process';

const [, , results, readme] = process.argv;
const { testResults } = JSON.parse(await readFile(results, 'utf8'));
const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
const runtimes = tests.flatMap(({ meta }) => meta?.runtime ?? []);
if (runtimes.length === 0) throw new Error(`${results} has no runtime in it`);

function row({ name, by, needs, latency }) {
  const own = tests.filter(
    ({ ancestorTitles, status }) => ancestorTitles[0] === `${name} by ${by}` && status !== 'skipped',
  );
  const passed = own.filter(({ status }) => status === 'passed').length;
  return `| ${name} | \`${by}\` | ${needs === 'nothing' ? needs : `\`${needs}\``} | ${passed} of ${own.length} | ${latency.ratio.toFixed(2)} |`;
}

const table = [
  '| runtime | Unix sockets by | needs | tests passed | time of a query, Unix / UDP |',
  '|---|---|---|---|---|',
  ...runtimes.map(row),
].join('\n');
console.log(table);

const text = await readFile(readme, 'utf8');
const marked = /(<!-- runtimes -->\n)[\s\S]*?(\n<!-- \/runtimes -->)/;
if (marked.test(text))
  await writeFile(
    readme,
    text.replace(marked, (_, start, end) => `${start}${table}${end}`),
  );
