// Writes generated tables into a README.
import { readFile, writeFile } from 'node:fs/promises';

/** A row of a Markdown table. */
export function row(...cells) {
  return `| ${cells.join(' | ')} |`;
}

/**
 * Prints a table and writes it between `<!-- NAME -->` and `<!-- /NAME -->` in the README.
 *
 * @throws Error if the README lacks these markers.
 */
export async function putTable(name, lines, readme) {
  const table = lines.join('\n');
  console.log(table);
  const text = await readFile(readme, 'utf8');
  const [start, end] = [`<!-- ${name} -->\n`, `\n<!-- /${name} -->`];
  const from = text.indexOf(start);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`${readme} has no place for the table of ${name}`);
  await writeFile(readme, text.slice(0, from + start.length) + table + text.slice(to));
}
