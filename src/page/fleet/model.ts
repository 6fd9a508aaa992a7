/** The page's model of the fleet: its clocks and their counts, updated with each change. */
import type { ClockState } from '../../fleet/row.ts';
import type { RowMessage, TargetId, TargetMessage } from '../../server/fleet/messages.ts';
import { type Bin, boundBin, offsetBin, Tally } from './bins.ts';

/** The states, the worst first. */
export const STATES = ['critical', 'unknown', 'warning', 'pending', 'ok'] as const satisfies ClockState[];

/** The number of steps by size of the error bound, within a state. */
const SIZES = 64;

/** Returns a sort key that puts `host10` after `host9`, much faster than `Intl.Collator`. */
export function naturalKey(name: string): string {
  return name.toLowerCase().replaceAll(/\d+/g, (digits) => digits.padStart(6, '0'));
}

/** A clock. The object stays the same while the clock is a target; its content changes. */
export class Clock {
  readonly id: TargetId;
  readonly address: string;
  /** The sort key of the address. */
  readonly nameKey: string;
  labels: Readonly<Record<string, string>>;
  state: ClockState = 'pending';
  reasons: readonly string[] = [];
  maxError: number | null = null;
  offset: number | null = null;
  stratum: number | null = null;
  reference: string | null = null;
  /** Seconds since the epoch, by the server's clock. */
  heard: number | null = null;
  ip: string | null = null;
  /** True once it is no longer a target. */
  isGone = false;
  boundBin: Bin | null = null;
  offsetBin: Bin | null = null;
  /**
   * The rank in the order "worst first": by state, then by the magnitude of the error bound unless the clock is
   * healthy. Exact bounds, and the bounds of healthy clocks, are not used: they change with every update, and rows
   * would never stand still.
   */
  badness = 0;
  #text: string | null = null;

  constructor([id, address, labels]: TargetMessage) {
    this.id = id;
    this.address = address;
    this.nameKey = naturalKey(address);
    this.labels = labels;
    this.#judge();
  }

  setLabels(labels: Clock['labels']): void {
    this.labels = labels;
    this.#text = null;
  }

  update([, state, reasons, maxError, offset, stratum, reference, , heard, ip]: RowMessage): void {
    this.state = state;
    this.reasons = reasons;
    this.maxError = maxError;
    this.offset = offset;
    this.stratum = stratum;
    this.reference = reference;
    this.heard = heard;
    this.ip = ip;
    this.boundBin = maxError === null ? null : boundBin(maxError);
    this.offsetBin = offset === null ? null : offsetBin(offset);
    this.#text = null;
    this.#judge();
  }

  #judge(): void {
    // a clock without a bound is worse than one with any bound
    const size = this.state === 'ok' ? 0 : (this.boundBin ?? SIZES - 1);
    this.badness = (STATES.length - STATES.indexOf(this.state)) * SIZES + size;
  }

  /** The searchable text, in lower case. */
  get text(): string {
    this.#text ??= [
      this.address,
      this.ip ?? '',
      ...Object.entries(this.labels).map(([name, value]) => `${name}=${value}`),
      this.reference ?? '',
      ...this.reasons,
    ]
      .join('\n')
      .toLowerCase();
    return this.#text;
  }
}

/** The number of clocks in each state. */
export type Counts = Record<ClockState, number>;

export function noCounts(): Counts {
  return { critical: 0, unknown: 0, warning: 0, pending: 0, ok: 0 };
}

/** The worst state of any clock; null if there are no clocks. */
export function worstOf(counts: Readonly<Counts>): ClockState | null {
  return STATES.find((state) => counts[state] > 0) ?? null;
}

/** All clocks. */
export class FleetModel {
  readonly clocks = new Map<TargetId, Clock>();
  readonly counts = noCounts();
  readonly bounds = new Tally();
  readonly offsets = new Tally();
  /** Incremented when targets are added or removed, or labels change. */
  targetsVersion = 0;

  clear(): void {
    this.clocks.clear();
    Object.assign(this.counts, noCounts());
    this.bounds.clear();
    this.offsets.clear();
    this.targetsVersion++;
  }

  /** @returns the clocks that were added or relabeled */
  addTargets(messages: readonly TargetMessage[]): Clock[] {
    if (messages.length > 0) this.targetsVersion++;
    return messages.map((message) => {
      const [id, , labels] = message;
      const known = this.clocks.get(id);
      if (known !== undefined) {
        known.setLabels(labels);
        return known;
      }
      const clock = new Clock(message);
      this.clocks.set(id, clock);
      this.#count(clock, 1);
      return clock;
    });
  }

  /** @returns the clocks that changed */
  update(messages: readonly RowMessage[]): Clock[] {
    return messages.flatMap((message) => {
      const clock = this.clocks.get(message[0]);
      if (clock === undefined) return [];
      this.#count(clock, -1);
      clock.update(message);
      this.#count(clock, 1);
      return clock;
    });
  }

  /** @returns the removed clocks */
  remove(ids: readonly TargetId[]): Clock[] {
    if (ids.length > 0) this.targetsVersion++;
    return ids.flatMap((id) => {
      const clock = this.clocks.get(id);
      if (clock === undefined) return [];
      this.clocks.delete(id);
      this.#count(clock, -1);
      clock.isGone = true;
      return clock;
    });
  }

  #count(clock: Clock, change: 1 | -1): void {
    this.counts[clock.state] += change;
    if (change === 1) {
      this.bounds.add(clock.boundBin);
      this.offsets.add(clock.offsetBin);
    } else {
      this.bounds.delete(clock.boundBin);
      this.offsets.delete(clock.offsetBin);
    }
  }

  /**
   * The number of clocks that have answered before, but not since a time, given in seconds since the epoch by the
   * server's clock.
   */
  silentSince(time: number): number {
    let count = 0;
    for (const { heard } of this.clocks.values()) if (heard !== null && heard < time) count++;
    return count;
  }
}
