/** Prints which part of the source imports which, for Mermaid: `make graph`. */
import { readImports } from './imports.ts';

const imports = readImports({ types: false });

/** A folder, or a file that is in none. */
const partOf = (file: string): string => file.replace(/(?:\/.*|\.ts)$/, '');

const edges = new Set<string>();
for (const [file, imported] of imports) {
  for (const each of imported) {
    // those that import nothing themselves would be everywhere
    const isLeaf = !each.includes('/') && imports.get(each)?.size === 0;
    if (imports.has(each) && !isLeaf && partOf(each) !== partOf(file))
      edges.add(`  ${partOf(file)} --> ${partOf(each)}`);
  }
}
console.log(['graph TD', ...[...edges].sort()].join('\n'));
