/** What was observed last time and is not now. */
import type { Family, Labels, Sample } from '#metrics';

/**
 * The SDK repeats the last value of what is no longer observed, for ever: a bound of the clock's error, say, when nobody
 * knows it any more. So that is observed once more, as NaN. Counters are left alone: the SDK adds up their differences,
 * and the sum would be NaN for good.
 */
export class Vanished {
  readonly #last = new Map<Family, ReadonlyMap<string, Labels>>();

  /** The labels of those that a family had the last time that it was given here, and has no longer. */
  of(family: Family, samples: readonly Sample[]): readonly Labels[] {
    if (family.type === 'counter') return [];
    const before = this.#last.get(family) ?? new Map<string, Labels>();
    const now = new Map(samples.map(({ labels }) => [JSON.stringify(labels), labels]));
    this.#last.set(family, now);
    return [...before].filter(([key]) => !now.has(key)).map(([, labels]) => labels);
  }
}
