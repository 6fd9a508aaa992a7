/** A file of targets, followed as it changes. */
import { Files, signatureOf } from '../../util/files.ts';
import { Entries, type Entry } from './entries.ts';
import { TargetsError } from './error.ts';
import { readJsonGroups, readYamlGroups } from './file-sd.ts';
import { readLines } from './lines.ts';

type Yaml = typeof import('#yaml');

const JSON_NAME = /\.json$/i;
const YAML_NAME = /\.ya?ml$/i;

/** What to do where the system refuses a file. */
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
  /** At the last look. */
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
    // only where there is YAML: its parser is large
    return new TargetFile(path, warn, YAML_NAME.test(path) ? await import('#yaml') : null);
  }

  /** As they were when the file could be read last. */
  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /**
   * Looks whether the file has changed, and reads it once it stands still: a file that is written at two looks in turn may
   * not be complete.
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

  /** A mistake is warned of, and what was read before stays. */
  #renew(): boolean {
    try {
      this.#entries = this.#read(false);
      return true;
    } catch (error) {
      // any error: a wrong edit must not end a program that runs
      this.#warn(`${error instanceof Error ? error.message : String(error)}; what was read before stays`);
      return false;
    }
  }

  #read(isFirst: boolean): readonly Entry[] {
    const text = this.#files.readText('--targets', this.#path);
    const isEmpty = text.trim() === '';
    // an editor may have emptied it, to write it the next moment
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
