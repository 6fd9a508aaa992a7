/** `make graph`: prints the imports between the parts of the source, as a Mermaid graph. */
import { readImports } from './imports.ts';

const imports = readImports({ types: false });

/** The folder of a file, or the file itself if it is in none. */
const partOf = (file: string): string => file.replace(/(?:\/.*|\.ts)$/, '');

const edges = new Set<string>();
for (const [file, imported] of imports) {
  for (const each of imported) {
    // Almost every part imports the files that import nothing themselves: they would hide the rest.
    const isLeaf = !each.includes('/') && imports.get(each)?.size === 0;
    if (imports.has(each) && !isLeaf && partOf(each) !== partOf(file))
      edges.add(`  ${partOf(file)} --> ${partOf(each)}`);
  }
}
console.log(['graph TD', ...[...edges].sort()].join('\n'));
