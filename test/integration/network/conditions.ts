/** What a network may be like, and how many calls get through it by theory. */
import type { Faults, Random } from '../../../src/testing/faults.ts';
import { REPLY_HEADER_LENGTH } from '../../../src/testing/reply.ts';

export interface Condition {
  readonly name: string;
  /** What happens to a datagram of that length, either way. */
  faults(random: Random, length: number): Partial<Faults>;
  /**
   * Of a try: how likely it is answered, and how likely nothing is heard of it, so that there is another. The rest
   * ends the call with an error.
   */
  readonly answered: number;
  readonly silent: number;
}

/** The share of datagrams that a bad network loses, or cuts. */
const SHARE = 0.3;
/** A request or reply gets there, and so does the other. */
const BOTH_WAYS = (1 - SHARE) ** 2;

/** The request for the report tracking, and its reply. */
const TRACKING_LENGTH = 104;
/** What is cut below a header is ignored on both sides; of what is longer, chronyd or we tell that it is too short. */
const BELOW_HEADER = REPLY_HEADER_LENGTH / TRACKING_LENGTH;
/** The request is cut, and that is not told, or what tells it, a mere header, is cut as well; or the reply is cut. */
const UNHEARD = SHARE * (BELOW_HEADER + (1 - BELOW_HEADER) * SHARE) + (1 - SHARE) * SHARE * BELOW_HEADER;

/** The share of datagrams that arrive twice, if at all. */
const TWICE = 0.5;
/** A request that arrives twice is answered twice, and one of the two answers is enough. */
const ONE_OF_TWO = (1 - SHARE) * ((1 - TWICE) * (1 - SHARE) + TWICE * (1 - SHARE ** 2));

const whole = { answered: 1, silent: 0 };
const orSilent = (answered: number) => ({ answered, silent: 1 - answered });

/** @param jitterMs - how much later a datagram may arrive */
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

/** How likely a call is answered that may try so often again. */
export function expected({ answered, silent }: Condition, retries: number): number {
  let share = 0;
  for (let attempt = 0; attempt <= retries; attempt++) share += answered * silent ** attempt;
  return share;
}
