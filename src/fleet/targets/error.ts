/** The errors in the operator's targets. */

/** The kinds of mistakes, for programs to compare. */
export type TargetsErrorCode =
  /** The file cannot be read: it is missing, denied, a directory, or not UTF-8. */
  | 'unreadable'
  /** The file is too large, or has too many targets. */
  | 'too-large'
  /** The text is not valid in the format that the file's name implies. */
  | 'syntax'
  /** The JSON or YAML is valid, but is not a list of groups of targets. */
  | 'structure'
  /** An address is invalid. */
  | 'address'
  /** The name or the value of a label is invalid. */
  | 'label'
  /** A target is given twice, with different labels. */
  | 'duplicate';

/** The place of a mistake. */
export interface Place {
  /** The path as it was given; null for the command line. */
  readonly file: string | null;
  /** `line 3`, `group 2` or the like; null for the whole file. */
  readonly part: string | null;
}

export const COMMAND_LINE: Place = { file: null, part: null };

/** The error for invalid targets. Its one-line message says where the mistake is, what it is, and how to correct it. */
export class TargetsError extends Error implements Place {
  readonly code: TargetsErrorCode;
  readonly file: string | null;
  readonly part: string | null;

  constructor(code: TargetsErrorCode, problem: string, { file, part }: Place, options?: ErrorOptions) {
    const where = [file === null ? [] : `--targets ${file}`, part ?? []].flat();
    super([...where, problem].join(': '), options);
    this.name = 'TargetsError';
    this.code = code;
    this.file = file;
    this.part = part;
  }

  /** True if the mistake is in an argument of the command line, not in a file. */
  get isUsage(): boolean {
    return this.file === null;
  }
}

const MAX_QUOTED = 60;

/** Quotes a text of a file for a message. Long texts are shortened, and control characters are replaced. */
export function quoted(text: string): string {
  const shown = text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text;
  return `'${shown.replaceAll(CONTROL, '\ufffd')}'`;
}

/** A control character, or half of a surrogate pair. */
const CONTROL = /[\p{Cc}\p{Cs}]/gu;

export function hasControl(text: string): boolean {
  return text.search(CONTROL) >= 0;
}
