/** A clock that can be stepped for single processes, by Debian's libfaketime. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const LIBRARY = 'libfaketimeMT.so.1';

/** Sets the clock of the processes that use this file: `+0` is the true time, `-1d` is one day earlier. */
export function setClock(file: string, offset: string): void {
  // replaced atomically, since it may be read at any moment
  writeFileSync(`${file}.new`, `${offset}\n`);
  renameSync(`${file}.new`, file);
}

export class FakeClock implements Disposable {
  readonly #dir = mkdtempSync(join(tmpdir(), 'clock-'));
  readonly file = join(this.#dir, 'offset');
  /** The environment variables of a process that uses this clock. Its monotonic clock stays correct, as with a real step. */
  readonly env: Readonly<Record<string, string>>;

  constructor() {
    const folder = resolve('.cache/libfaketime');
    execFileSync('test/support/unpack.sh', [folder, 'libfaketime']);
    const root = join(folder, 'root');
    const library = readdirSync(root, { recursive: true, encoding: 'utf8' }).find((path) =>
      path.endsWith(LIBRARY),
    );
    if (library === undefined) throw new Error(`${root} has no ${LIBRARY}`);
    this.env = {
      LD_PRELOAD: join(root, library),
      FAKETIME_TIMESTAMP_FILE: this.file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
    this.set('+0');
  }

  set(offset: string): void {
    setClock(this.file, offset);
  }

  [Symbol.dispose](): void {
    rmSync(this.#dir, { recursive: true, force: true });
  }
}
