/** The imports between the source files, with or without those of types. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** The imports of each file, by its path in `src`: source files, modules of Node.js, and packages. */
export type Imports = ReadonlyMap<string, ReadonlySet<string>>;

const SRC = 'src';

/** The source files that are imported by a name, such as `chrony-wasm` or `#metrics`. */
const { compilerOptions } = JSON.parse(readFileSync('tsconfig.json', 'utf8'));
const names: Readonly<Record<string, readonly [path: string]>> = compilerOptions.paths;

/** @param types - if false, only imports that are loaded at run time */
export function readImports({ types }: { readonly types: boolean }): Imports {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  );
  return new Map(files.sort().map((file) => [file, importsOf(file, types)]));
}

function importsOf(file: string, types: boolean): ReadonlySet<string> {
  const text = readFileSync(join(SRC, file), 'utf8').replaceAll(/^ *(?:\*|\/\/|\/\*\*).*$/gm, '');
  const code = types ? text : text.replaceAll(/^(?:import|export) type [^;]*;$/gm, '');
  const specifiers = code.matchAll(/\b(?:from|import) ?\(?'([^']+)'/g);
  return new Set(
    Array.from(specifiers, ([, specifier = '']) => {
      const named = names[specifier];
      if (named !== undefined) return relative(SRC, named[0]);
      return specifier.startsWith('.') ? relative(SRC, join(SRC, dirname(file), specifier)) : specifier;
    }),
  );
}

/** Groups of files that import each other in one or more cycles. */
export function cycles(imports: Imports): readonly (readonly string[])[] {
  const reached = new Map(Array.from(imports.keys(), (file) => [file, reachable(imports, file)]));
  const groups = Array.from(imports.keys(), (file) =>
    [...(reached.get(file) ?? [])].filter((other) => reached.get(other)?.has(file)).sort(),
  ).filter((group) => group.length > 0);
  return [...new Map(groups.map((group) => [group.join(), group])).values()];
}

/** The direct and indirect imports of a file. */
export function reachable(imports: Imports, file: string): ReadonlySet<string> {
  const found = new Set(imports.get(file));
  for (const each of found) for (const next of imports.get(each) ?? []) found.add(next);
  return found;
}
