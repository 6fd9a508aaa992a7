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
