/** The screen that a live view is drawn on. */

/** `2026-11-25 19:41:36 UTC` */
export function now(): string {
  return `${new Date().toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

const ENTER = '\x1b[?1049h\x1b[?25l';
const LEAVE = '\x1b[?25h\x1b[?1049l';
const HOME = '\x1b[H';
const CLEAR_LINE = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';

/** The alternate screen of a terminal, as full-screen programs use it: the main screen is restored at the end. */
export class Screen {
  readonly #write: (text: string) => Promise<void>;
  /** Draws the screen again after Ctrl-Z and `fg`. */
  readonly #redraw: () => void;
  #entered = false;

  constructor(write: (text: string) => Promise<void>, redraw: () => void) {
    this.#write = write;
    this.#redraw = redraw;
  }

  async draw(lines: readonly string[]): Promise<void> {
    const enter = this.#entered ? '' : ENTER;
    if (!this.#entered) this.#enter();
    // clearing the screen first would flicker
    await this.#write(`${enter}${HOME}${lines.map((line) => line + CLEAR_LINE).join('\r\n')}${CLEAR_BELOW}`);
  }

  /** Restores the main screen, if the alternate one is shown. */
  async leave(): Promise<void> {
    if (!this.#entered) return;
    this.#release();
    await this.#write(LEAVE);
  }

  #enter(): void {
    this.#entered = true;
    process.on('exit', this.#restore);
    process.on('SIGTSTP', this.#suspend);
    process.on('SIGCONT', this.#redraw);
  }

  #release(): void {
    this.#entered = false;
    process.off('exit', this.#restore);
    process.off('SIGTSTP', this.#suspend);
    process.off('SIGCONT', this.#redraw);
  }

  /** At the exit of the process. Writing to a terminal is synchronous. */
  readonly #restore = (): void => {
    process.stdout.write(LEAVE);
  };

  /** Ctrl-Z: restores the shell's screen. */
  readonly #suspend = (): void => {
    this.#release();
    process.stdout.write(LEAVE);
    process.once('SIGCONT', this.#redraw);
    process.kill(process.pid, 'SIGSTOP');
  };
}
