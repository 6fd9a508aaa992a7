/**
 * A terminal's second screen, which full-screen programs draw on: what the user had on the first one comes
 * back afterwards.
 */

const ENTER = '\x1b[?1049h\x1b[?25l';
const LEAVE = '\x1b[?25h\x1b[?1049l';
const HOME = '\x1b[H';
const CLEAR_LINE = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';

export class Screen {
  readonly #write: (text: string) => Promise<void>;
  /** Draws it anew, after it was hidden. */
  readonly #redraw: () => void;
  #entered = false;

  constructor(write: (text: string) => Promise<void>, redraw: () => void) {
    this.#write = write;
    this.#redraw = redraw;
  }

  async draw(lines: readonly string[]): Promise<void> {
    const enter = this.#entered ? '' : ENTER;
    if (!this.#entered) this.#enter();
    // written over, not cleared first, so that nothing flickers
    await this.#write(`${enter}${HOME}${lines.map((line) => line + CLEAR_LINE).join('\r\n')}${CLEAR_BELOW}`);
  }

  /** Gives the terminal back. Nothing happens if it was not taken. */
  async leave(): Promise<void> {
    if (!this.#entered) return;
    this.#forget();
    await this.#write(LEAVE);
  }

  #enter(): void {
    this.#entered = true;
    process.on('exit', this.#giveBack);
    process.on('SIGTSTP', this.#suspend);
    process.on('SIGCONT', this.#redraw);
  }

  #forget(): void {
    this.#entered = false;
    process.off('exit', this.#giveBack);
    process.off('SIGTSTP', this.#suspend);
    process.off('SIGCONT', this.#redraw);
  }

  /** However the process ends: a terminal takes what is written at once. */
  readonly #giveBack = (): void => {
    process.stdout.write(LEAVE);
  };

  /** Ctrl-Z: the shell gets its own screen. */
  readonly #suspend = (): void => {
    this.#forget();
    process.stdout.write(LEAVE);
    process.once('SIGCONT', this.#redraw);
    process.kill(process.pid, 'SIGSTOP');
  };
}
