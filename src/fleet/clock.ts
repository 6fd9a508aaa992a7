/** One clock of a fleet: its row, and the data that is kept to judge the next reply. */
import type { ChronyError, TrackingStatus } from 'chrony-wasm';
import { healthOfFailure, judge } from '../health/judgement.ts';
import { type SourcesSummary, summarizeSources } from '../health/sources-summary.ts';
import type { Thresholds } from '../health/thresholds.ts';
import { followsSource } from '../reports/tracking.ts';
import { ipVersion } from '../socket/address.ts';
import { type ClockReply, ipOf, isRefusal, type Names } from './query.ts';
import type { ClockRow, ClockState, SourceRow } from './row.ts';
import type { SourceRows } from './source-rows.ts';
import type { HasTurn, SourcesAge, Turn } from './sources-round.ts';
import type { Target } from './target.ts';

/** The context in which all clocks are judged. */
export interface FleetContext {
  readonly thresholds: Thresholds;
  readonly sourceRows: SourceRows;
}

const NO_REASONS: readonly string[] = [];

/**
 * A reply changes the clock in place, and its row is made only when it is read. Objects that lived from reply to
 * reply would be most of the memory of a large fleet, and most of the garbage collector's work. Unknown numbers are
 * NaN here, because a number that may be null is stored as a separate object.
 */
export class Clock implements HasTurn {
  readonly address: string;
  #labels: Target['labels'];
  #state: ClockState = 'pending';
  #reasons = NO_REASONS;
  #maxError = Number.NaN;
  #offset = Number.NaN;
  #stratum: number | null = null;
  #reference: string | null = null;
  #referenceAddress: string | null = null;
  #measurementAge = Number.NaN;
  #heard = Number.NaN;
  #ip: string | null;
  #sources: readonly SourceRow[] | null = null;
  #sourceCount: number | null = null;
  /** The summary of the sources for the judgement; null while they are not known. */
  #summary: SourcesSummary | null = null;
  /** The reference time of the reply that the sources belong to. */
  #refTime = Number.NaN;
  /** Incremented when something changes that the topology depends on. */
  place = 0;
  turn: Turn | null = null;
  /** The time of the last request for all of its source names, by monotonicMs(). */
  namedMs = Number.NEGATIVE_INFINITY;

  constructor({ address, labels }: Target) {
    this.address = address;
    this.#labels = labels;
    this.#ip = ipOf(address);
  }

  /** The current row: immutable plain data. */
  get row(): ClockRow {
    return {
      address: this.address,
      labels: this.#labels,
      state: this.#state,
      reasons: this.#reasons,
      maxError: nullIfUnknown(this.#maxError),
      offset: nullIfUnknown(this.#offset),
      stratum: this.#stratum,
      reference: this.#reference,
      referenceAddress: this.#referenceAddress,
      measurementAge: nullIfUnknown(this.#measurementAge),
      heard: nullIfUnknown(this.#heard),
      ip: this.#ip,
      sources: this.#sources,
      sourceCount: this.#sourceCount,
    };
  }

  get labels(): Target['labels'] {
    return this.#labels;
  }

  set labels(labels: Target['labels']) {
    this.#labels = labels;
  }

  /** The known names, by the address of the source. */
  get names(): Names {
    const names = new Map<string, string>();
    for (const { address, name } of this.#sources ?? []) if (name !== null) names.set(address, name);
    return names;
  }

  /**
   * @param time - when the reply was received, in seconds since the epoch
   * @returns how up to date the sources are
   */
  heard(tracking: TrackingStatus, time: number, context: FleetContext): SourcesAge {
    const isDoubtful = this.#summary !== null && contradicts(tracking, this.#summary);
    // the clock was updated after the sources were read, so the source of the update was selected after that, too
    const isOutdated = isDoubtful && tracking.refTime !== this.#refTime;
    this.#judge(tracking, isOutdated ? null : this.#summary, time, context.thresholds);
    return isOutdated ? 'outdated' : isDoubtful ? 'doubtful' : 'current';
  }

  /** Takes a reply of the slower round. */
  heardAll(reply: ClockReply, time: number, context: FleetContext): void {
    const { tracking, sources, names, ip } = reply;
    if (tracking.error !== null) {
      this.failed(tracking.error);
      return;
    }
    if (sources.error === null) {
      this.#summary = summarizeSources(sources.value, null, null);
      this.#have(ip, context.sourceRows.of(sources.value, names, this.#sources), sources.value.length);
    } else if (isRefusal(sources.error)) {
      this.#summary = null;
      this.#have(ip, null, null);
    }
    this.#refTime = tracking.value.refTime;
    this.#judge(tracking.value, this.#summary, time, context.thresholds);
  }

  /** Takes a failure. The figures of the last reply are kept. */
  failed(error: ChronyError): void {
    const { state, reasons } = healthOfFailure(error);
    this.#state = state;
    this.#setReasons(reasons);
  }

  #have(ip: string | null, sources: readonly SourceRow[] | null, count: number | null): void {
    if (ip !== this.#ip || sources !== this.#sources) this.place++;
    // avoids replacing a string object by an equal one
    if (ip !== this.#ip) this.#ip = ip;
    this.#sources = sources;
    this.#sourceCount = count;
  }

  #judge(
    tracking: TrackingStatus,
    sources: SourcesSummary | null,
    time: number,
    thresholds: Thresholds,
  ): void {
    const { state, reasons, figures } = judge(
      { tracking, sources, time, maxClockErrorPpm: undefined },
      thresholds,
    );
    const { maxError, offset, stratum, measurementAge } = figures;
    const referenceAddress = followsSource(tracking) ? tracking.referenceIp : null;
    const name = this.#nameOf(referenceAddress);
    this.#follow(name || figures.reference, referenceAddress);
    if (Number.isNaN(this.#heard) || (stratum === null) !== (this.#stratum === null)) this.place++;
    this.#state = state;
    this.#setReasons(reasons);
    this.#maxError = maxError ?? Number.NaN;
    this.#offset = offset ?? Number.NaN;
    this.#stratum = stratum;
    this.#measurementAge = measurementAge ?? Number.NaN;
    this.#heard = time;
  }

  /** The name of an address, according to the sources. */
  #nameOf(address: string | null): string | null {
    if (address === null) return null;
    return this.#sources?.find((source) => source.address === address)?.name ?? null;
  }

  #follow(reference: string | null, address: string | null): void {
    if (reference === this.#reference && address === this.#referenceAddress) return;
    this.#reference = reference;
    this.#referenceAddress = address;
    this.place++;
  }

  /** Keeps the existing object if the reasons are equal. */
  #setReasons(reasons: readonly string[]): void {
    const isSame =
      reasons.length === this.#reasons.length && reasons.every((one, i) => one === this.#reasons[i]);
    if (!isSame) this.#reasons = reasons;
  }
}

function nullIfUnknown(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

/**
 * True if the clock follows a source other than the selected one in the summary, or no source although one is
 * selected.
 */
function contradicts(tracking: TrackingStatus, { selected }: SourcesSummary): boolean {
  if (!followsSource(tracking)) return selected !== null;
  if (selected === null) return true;
  // a reference clock has no address to compare
  return tracking.referenceIp === null ? ipVersion(selected) !== 0 : tracking.referenceIp !== selected;
}
