/**
 * Reads YAML. The parser is larger than the rest of the server, so this file has its own bundle: import it as `#yaml`,
 * and only when a YAML file must be read.
 */
import { LineCounter, parseDocument } from 'yaml';

/** The value of the document, or the reason why it cannot be read, for a message. */
export type Yaml = { readonly value: unknown } | { readonly problem: string };

/**
 * Parses a document. Every scalar becomes a string, as written: a user named `no` is not a boolean. A map becomes a
 * `Map`; a missing value becomes an empty string.
 *
 * The problem does not quote the document, which may contain secrets.
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
    // the part after the colon quotes the document
    const [reason] = (error instanceof Error ? error.message : String(error)).split(':');
    return { problem: `an alias cannot be used: ${reason}; quote a text that begins with *` };
  }
}

/** The maximum nesting of brackets: more than any configuration needs. */
const MAX_BRACKETS = 64;
/** Matches deep nesting of blocks. Each level begins at its own column, by indentation or after an indicator. */
const DEEP_BLOCK = /^ {256}|(?:[-?:][ \t]+){32}/m;

/**
 * Rejects deep nesting before it is parsed. The parser is recursive, and V8 ends the process instead of throwing an
 * error if the stack overflows while it compiles a regular expression.
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
