/** A file of targets that is read again when it changes. */
import { Files, signatureOf } from '../../util/files.ts';
import { Entries, type Entry } from './entries.ts';
import { TargetsError } from './error.ts';
import { readJsonGroups, readYamlGroups } from './file-sd.ts';
import { readLines } from './lines.ts';

type Yaml = typeof import('#yaml');

const JSON_NAME = /\.json$/i;
const YAML_NAME = /\.ya?ml$/i;

/** The advice for each system error. */
const ADVICE: Readonly<Record<string, string>> = {
  ENOENT: 'check the path',
  EACCES: 'change its permissions',
  EISDIR: 'name a file in it',
  EFBIG: 'divide the targets among several processes',
};

export class TargetFile {
  readonly #path: string;
  readonly #warn: (message: string) => void;
  readonly #yaml: Yaml | null;
  readonly #files: Files;
  #entries: readonly Entry[] = [];
  /** The signature at the last look. */
  #signature: string;

  private constructor(path: string, warn: (message: string) => void, yaml: Yaml | null) {
    this.#path = path;
    this.#warn = warn;
    this.#yaml = yaml;
    this.#files = new Files((_, problem, { cause }) => this.#unreadable(problem, cause));
    this.#signature = signatureOf(path);
    this.#entries = this.#read(true);
  }

  /** @throws TargetsError */
  static async open(path: string, warn: (message: string) => void): Promise<TargetFile> {
    // loaded only for YAML files, because the parser is large
    return new TargetFile(path, warn, YAML_NAME.test(path) ? await import('#yaml') : null);
  }

  /** The entries of the last successful read. */
  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /**
   * Checks whether the file has changed, and reads it once it no longer changes: a file that differs between two
   * looks may still be incomplete.
   *
   * @returns true if it was read
   */
  look(): boolean {
    const signature = signatureOf(this.#path);
    const isStill = signature === this.#signature;
    this.#signature = signature;
    return isStill && this.#files.haveChanged() && this.#renew();
  }

  /** Reads it at once. @returns true if it was read */
  reload(): boolean {
    this.#files.haveChanged();
    return this.#renew();
  }

  /** Reads the file. A mistake causes a warning, and the previous content stays in use. */
  #renew(): boolean {
    try {
      this.#entries = this.#read(false);
      return true;
    } catch (error) {
      // catches any error, because a wrong edit must not end a running program
      this.#warn(
        `${error instanceof Error ? error.message : String(error)}; the previous content stays in use`,
      );
      return false;
    }
  }

  #read(isFirst: boolean): readonly Entry[] {
    const text = this.#files.readText('--targets', this.#path);
    const isEmpty = text.trim() === '';
    // an editor may have truncated the file and be about to write it
    if (isEmpty && !isFirst && this.#entries.length > 0) {
      const advice = this.#isGroups ? '[]' : 'a comment, #';
      const problem = `it is empty; to have no targets, write ${advice}`;
      throw new TargetsError('structure', problem, { file: this.#path, part: null });
    }
    const entries = new Entries(this.#path, this.#isGroups ? 'group' : 'line');
    if (!isEmpty) this.#parse(text, entries);
    return entries.list();
  }

  get #isGroups(): boolean {
    return this.#yaml !== null || JSON_NAME.test(this.#path);
  }

  #parse(text: string, entries: Entries): void {
    if (this.#yaml !== null) readYamlGroups(text, entries, this.#yaml);
    else if (this.#isGroups) readJsonGroups(text, entries);
    else readLines(text, entries);
  }

  #unreadable(problem: string, cause: unknown): TargetsError {
    const { code = '' } = cause as NodeJS.ErrnoException;
    const advice = ADVICE[code];
    return new TargetsError(
      code === 'EFBIG' ? 'too-large' : 'unreadable',
      advice === undefined ? problem : `${problem}; ${advice}`,
      { file: this.#path, part: null },
      { cause },
    );
  }
}
