/** Simulated network conditions, and the theoretical success rate of calls under each of them. */
import type { Faults, Random } from '../../../src/testing/faults.ts';
import { REPLY_HEADER_LENGTH } from '../../../src/testing/reply.ts';

export interface Condition {
  readonly name: string;
  /** The faults of a datagram of this length, in either direction. */
  faults(random: Random, length: number): Partial<Faults>;
  /**
   * The probabilities that a try is answered, and that it has no outcome and is retried. Otherwise the call ends with an
   * error.
   */
  readonly answered: number;
  readonly silent: number;
}

/** The share of datagrams that a bad network loses or truncates. */
const SHARE = 0.3;
/** The probability that both the request and the reply arrive. */
const BOTH_WAYS = (1 - SHARE) ** 2;

/** The length of the request for the report tracking and of its reply. */
const TRACKING_LENGTH = 104;
/**
 * The share of truncated datagrams that are shorter than a header. Both sides ignore these; a longer one causes an error,
 * in chronyd or in our client.
 */
const BELOW_HEADER = REPLY_HEADER_LENGTH / TRACKING_LENGTH;
/**
 * The probability that a try has no outcome: the request is truncated below a header, or the error reply, which is only a
 * header, is truncated as well; or the reply is truncated below a header.
 */
const UNHEARD = SHARE * (BELOW_HEADER + (1 - BELOW_HEADER) * SHARE) + (1 - SHARE) * SHARE * BELOW_HEADER;

/** The share of datagrams that arrive twice, if at all. */
const TWICE = 0.5;
/** The probability of a reply with duplicates: a duplicate request is answered twice, and one of two replies suffices. */
const ONE_OF_TWO = (1 - SHARE) * ((1 - TWICE) * (1 - SHARE) + TWICE * (1 - SHARE ** 2));

const whole = { answered: 1, silent: 0 };
const orSilent = (answered: number) => ({ answered, silent: 1 - answered });

/** @param jitterMs - the maximum additional delay of a datagram */
export function conditions(jitterMs: number): readonly Condition[] {
  const held = (random: Random) => (random() < 0.25 ? jitterMs : 0);
  return [
    { name: 'a perfect network', faults: () => ({}), ...whole },
    { name: '30 % loss each way', faults: () => ({ loss: SHARE }), ...orSilent(BOTH_WAYS) },
    { name: `${jitterMs} ms jitter each way`, faults: () => ({ jitterMs }), ...whole },
    {
      name: `half of all twice, up to ${jitterMs} ms apart`,
      faults: () => ({ duplicate: TWICE, jitterMs }),
      ...whole,
    },
    {
      name: `a quarter overtaken, by ${jitterMs} ms`,
      faults: (random) => ({ delayMs: held(random) }),
      ...whole,
    },
    {
      name: 'loss, jitter, duplicates and overtaking at once',
      faults: (random) => ({ loss: SHARE, jitterMs, duplicate: TWICE, delayMs: held(random) }),
      ...orSilent(ONE_OF_TWO),
    },
    {
      name: '30 % cut each way',
      faults: (random, length) => ({
        truncate: random() < SHARE ? Math.floor(random() * length) : null,
      }),
      answered: BOTH_WAYS,
      silent: UNHEARD,
    },
  ];
}

/** The probability that a call with this number of retries is answered. */
export function expected({ answered, silent }: Condition, retries: number): number {
  let share = 0;
  for (let attempt = 0; attempt <= retries; attempt++) share += answered * silent ** attempt;
  return share;
}
