// Writes the figures of `make test-versions` for the README: `figures.mjs RESULTS FIGURES`.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import process from 'node:process';

const [, , results, figures] = process.argv;
const { success, testResults } = JSON.parse(await readFile(results, 'utf8'));
if (!success) throw new Error(`${results}: not all tests passed`);

/** The number of compared reports, by chronyc's version. */
const reports = new Map();
for (const { meta } of testResults.flatMap(({ assertionResults }) => assertionResults)) {
  if (meta?.compared === undefined) continue;
  const { version, reports: count } = meta.compared;
  reports.set(version, (reports.get(version) ?? 0) + count);
}
if (reports.size === 0) throw new Error(`${results} contains no comparison`);

const list = [...reports]
  .sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
  .map(([version, count]) => ({
    what: `reports as text and CSV, byte for byte against chronyc ${version}`,
    figure: `${count} of ${count} the same`,
    command: 'make test-versions',
  }));
await mkdir(dirname(figures), { recursive: true });
await writeFile(figures, `${JSON.stringify(list, null, 2)}\n`);
for (const { what, figure } of list) console.log(`${what}: ${figure}`);
