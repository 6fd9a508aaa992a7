/**
 * YAML, in a bundle of its own with its parser, which is larger than the rest of the server: import it by its name `#yaml`,
 * and only where there is YAML to read.
 */
import { LineCounter, parseDocument } from 'yaml';

/** What the text says, or why it cannot be read, for a person. */
export type Yaml = { readonly value: unknown } | { readonly problem: string };

/**
 * Reads a document in which each scalar is a text, as written: a user whose name is `no` is no boolean. A map is a `Map`; a
 * value that is left out is an empty text.
 *
 * The problem does not repeat the text, which may have secrets.
 */
export function readYaml(text: string): Yaml {
  if (isTooDeep(text))
    return { problem: 'it is not usable as YAML: its lists or maps are nested too deeply' };
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { schema: 'failsafe', prettyErrors: false, lineCounter });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) {
    const { line } = lineCounter.linePos(problem.pos[0]);
    return { problem: `line ${line} is not valid YAML: ${problem.message.split('\n')[0]}` };
  }
  try {
    return { value: document.toJS({ mapAsMap: true }) };
  } catch (error) {
    // after the colon comes text of the file
    const [reason] = (error instanceof Error ? error.message : String(error)).split(':');
    return { problem: `an alias cannot be used: ${reason}; quote a text that begins with *` };
  }
}

/** More than any configuration needs. */
const MAX_BRACKETS = 64;
/** Each level of a block begins at a column of its own: by its indentation, or after an indicator on the same line. */
const DEEP_BLOCK = /^ {256}|(?:[-?:][ \t]+){32}/m;

/**
 * The parser is recursive, and where its stack overflows, V8 may end the process instead of throwing an error: it does so
 * if it was about to compile a regular expression.
 */
function isTooDeep(text: string): boolean {
  if (DEEP_BLOCK.test(text)) return true;
  let depth = 0;
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    depth = bracket === '[' || bracket === '{' ? depth + 1 : Math.max(0, depth - 1);
    if (depth > MAX_BRACKETS) return true;
  }
  return false;
}
