/** What is wrong with the targets that the operator gave. */

/** The kinds of mistakes, for programs to compare. */
export type TargetsErrorCode =
  /** The file cannot be read: it is missing, denied, a directory, or not UTF-8. */
  | 'unreadable'
  /** The file is too large, or has too many targets. */
  | 'too-large'
  /** The text is not of the format that the file's name stands for. */
  | 'syntax'
  /** The JSON or YAML is valid, but is not a list of groups of targets. */
  | 'structure'
  /** An address is invalid. */
  | 'address'
  /** The name or the value of a label is invalid. */
  | 'label'
  /** A target is given twice, with different labels. */
  | 'duplicate';

/** Where a mistake is. */
export interface Place {
  /** The path as it was given; null for the command line. */
  readonly file: string | null;
  /** As `line 3` or `group 2`; null for the whole file. */
  readonly part: string | null;
}

export const COMMAND_LINE: Place = { file: null, part: null };

/** Targets cannot be used. The message says in one line where, what is wrong, and what to do. */
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

  /** True if an argument of the command line is invalid, and not what a file says. */
  get isUsage(): boolean {
    return this.file === null;
  }
}

const MAX_QUOTED = 60;

/** A text of a file in a message: the beginning of a long one, and no character that a terminal would obey. */
export function quoted(text: string): string {
  const shown = text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text;
  return `'${shown.replaceAll(CONTROL, '\ufffd')}'`;
}

/** A control character, or half of a surrogate pair. */
const CONTROL = /[\p{Cc}\p{Cs}]/gu;

export function hasControl(text: string): boolean {
  return text.search(CONTROL) >= 0;
}
