/** The state of the fleet as text: the headline, and the cells of a row. */
import { readableInterval } from '../../chronyc/values.ts';
import type { ClockState } from '../../fleet/row.ts';
import { bound } from '../format.ts';
import { HEALTH_WORDS, offsetWords } from '../text/clock.ts';
import type { Tone } from '../text/source.ts';
import type { Clock, Counts } from './model.ts';
import { STATES, worstOf } from './model.ts';

export const STATE_WORDS: { readonly [S in ClockState]: string } = {
  ...HEALTH_WORDS,
  pending: 'Pending',
};

export function toneOf(state: ClockState): Tone {
  return state === 'pending' ? 'neutral' : state;
}

const numbers = new Intl.NumberFormat('en-US');

/** `10,000` */
export function number(value: number): string {
  return numbers.format(value);
}

/** `1 clock`, `10,000 clocks` */
export function clocks(count: number): string {
  return `${number(count)} clock${count === 1 ? '' : 's'}`;
}

/** The text of a headline, with the tone of the worst clock. */
export interface Headline {
  readonly tone: Tone;
  /** The tone as a word. */
  readonly word: string;
  readonly text: string;
  /** For the document's title. */
  readonly short: string;
}

const WAITING: Headline = {
  tone: 'unknown',
  word: 'Connecting',
  text: 'Waiting for the first update.',
  short: 'Connecting',
};

const NO_TARGETS: Headline = {
  tone: 'unknown',
  word: 'No targets',
  text: 'The fleet has no targets.',
  short: 'No targets',
};

/** The counts of all states but `ok`, in words, the worst first: `2 critical, 1 warning`. */
export function troubleText(counts: Readonly<Counts>): string {
  return STATES.filter((state) => state !== 'ok' && counts[state] > 0)
    .map((state) => `${number(counts[state])} ${STATE_WORDS[state].toLowerCase()}`)
    .join(', ');
}

/** @param isKnown - false before the server has sent the first list of targets */
export function headlineOf(counts: Readonly<Counts>, isKnown: boolean): Headline {
  if (!isKnown) return WAITING;
  const worst = worstOf(counts);
  if (worst === null) return NO_TARGETS;
  const total = STATES.reduce((sum, state) => sum + counts[state], 0);
  const trouble = troubleText(counts);
  const [tone, word] = [toneOf(worst), STATE_WORDS[worst]];
  if (trouble === '') {
    const text = total === 1 ? 'The only clock is healthy.' : `All ${number(total)} clocks are healthy.`;
    return { tone, word, text, short: `${number(total)} healthy` };
  }
  const healthy = `${number(counts.ok)} of ${clocks(total)} ${counts.ok === 1 ? 'is' : 'are'} healthy`;
  return { tone, word, text: `${healthy}; ${trouble}.`, short: `${trouble} of ${number(total)}` };
}

/** The headline once updates are overdue: the last known state may no longer be true. */
export function staleHeadline(
  silence: number | null,
  isOpen: boolean,
  last: Headline,
): Headline & { meaning: string } {
  const server = isOpen ? 'The server no longer sends updates' : 'The server cannot be reached';
  return {
    tone: 'unknown',
    word: 'No updates',
    text: `No update of the fleet for ${readableInterval(silence)}.`,
    short: 'No updates',
    meaning:
      `${server}; the page keeps trying. The clocks themselves may still be correct. Last known state, ` +
      `${readableInterval(silence)} ago: ${last.text}`,
  };
}

/** Clocks whose last reply is older than this number of intervals are counted in {@link silentText}. */
export const SILENT_INTERVALS = 3;

/** @param count - the number of clocks whose replies are overdue */
export function silentText(count: number, interval: number): string {
  const time = readableInterval(SILENT_INTERVALS * interval);
  if (count === 0) return `Each clock is queried every ${readableInterval(interval)}.`;
  const whose = count === 1 ? 'Its figures are' : 'Their figures are';
  return `${clocks(count)} ${count === 1 ? 'has' : 'have'} not answered for ${time} or longer. ${whose} from the last reply.`;
}

export function boundText({ maxError }: Clock): string {
  return maxError === null ? 'not known' : `± ${bound(maxError)}`;
}

export function offsetText({ offset }: Clock): string {
  if (offset === null) return 'not known';
  return offset === 0 ? 'none' : offsetWords(offset);
}

/** @param now - by the server's clock, in seconds since the epoch */
export function heardText({ heard }: Clock, now: number): string {
  if (heard === null) return 'never';
  const age = Math.max(0, now - heard);
  return age < 1 ? 'now' : `${readableInterval(age)} ago`;
}

export function reasonText({ reasons, isGone }: Clock): string {
  if (isGone) return 'It is no longer a target';
  const [first = '', ...others] = reasons;
  return others.length === 0 ? first : `${first} (and ${others.length} more)`;
}
