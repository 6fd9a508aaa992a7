/** One clock of a fleet: its row, and what is kept to judge the next reply by. */
import type { ChronyError, TrackingStatus } from 'chrony-wasm';
import { healthOfFailure, judge } from '../health/judgement.ts';
import { type SourcesSummary, summarizeSources } from '../health/sources-summary.ts';
import type { Thresholds } from '../health/thresholds.ts';
import { followsSource } from '../reports/tracking.ts';
import { ipVersion } from '../socket/address.ts';
import { type ClockReply, ipOf, isRefusal, type Names } from './query.ts';
import type { ClockRow } from './row.ts';
import type { SourceRows } from './source-rows.ts';
import type { SourcesAge } from './sources-round.ts';
import type { Target } from './target.ts';

/** What the judgement of all clocks needs. */
export interface FleetContext {
  readonly thresholds: Thresholds;
  readonly sourceRows: SourceRows;
}

const NO_REASONS: readonly string[] = [];

export class Clock {
  #row: ClockRow;
  /** Null while the sources are not known. */
  #sources: SourcesSummary | null = null;
  /** The reference time of the reply of which the sources are. */
  #refTime = 0;

  constructor(target: Target) {
    this.#row = {
      address: target.address,
      labels: target.labels,
      state: 'pending',
      reasons: NO_REASONS,
      maxError: null,
      offset: null,
      stratum: null,
      reference: null,
      referenceAddress: null,
      measurementAge: null,
      heard: null,
      ip: ipOf(target.address),
      sources: null,
      sourceCount: null,
    };
  }

  /** As it is now. A row never changes: each change makes another one. */
  get row(): ClockRow {
    return this.#row;
  }

  /** Names that are known already, by the address of the source. */
  get names(): Names {
    const names = new Map<string, string>();
    for (const { address, name } of this.#row.sources ?? []) if (name !== null) names.set(address, name);
    return names;
  }

  label(labels: Target['labels']): void {
    this.#row = { ...this.#row, labels };
  }

  /**
   * @param time - when the reply was received, in seconds since the epoch
   * @returns how up to date the sources are
   */
  heard(tracking: TrackingStatus, time: number, context: FleetContext): SourcesAge {
    const isDoubtful = this.#sources !== null && contradicts(tracking, this.#sources);
    // the clock was updated since they were read, hence by a source that was selected since
    const isOutdated = isDoubtful && tracking.refTime !== this.#refTime;
    this.#judge(tracking, isOutdated ? null : this.#sources, time, context.thresholds);
    return isOutdated ? 'outdated' : isDoubtful ? 'doubtful' : 'current';
  }

  /** A reply to the slower round. */
  heardAll(reply: ClockReply, time: number, context: FleetContext): void {
    const { tracking, sources, names, ip } = reply;
    if (tracking.error !== null) {
      this.failed(tracking.error);
      return;
    }
    if (sources.error === null) {
      this.#sources = summarizeSources(sources.value, null, null);
      this.#row = {
        ...this.#row,
        ip,
        sources: context.sourceRows.of(sources.value, names, this.#row.sources),
        sourceCount: sources.value.length,
      };
    } else if (isRefusal(sources.error)) {
      this.#sources = null;
      this.#row = { ...this.#row, ip, sources: null, sourceCount: null };
    }
    this.#refTime = tracking.value.refTime;
    this.#judge(tracking.value, this.#sources, time, context.thresholds);
  }

  /** The figures stay those of the last reply. */
  failed(error: ChronyError): void {
    const { state, reasons } = healthOfFailure(error);
    this.#row = { ...this.#row, state, reasons };
  }

  #judge(
    tracking: TrackingStatus,
    sources: SourcesSummary | null,
    time: number,
    thresholds: Thresholds,
  ): void {
    const health = judge({ tracking, sources, time, maxClockErrorPpm: undefined }, thresholds);
    const referenceAddress = followsSource(tracking) ? tracking.referenceIp : null;
    this.#row = { ...this.#row, ...figuresOf(health), heard: time, referenceAddress };
    const name =
      referenceAddress && this.#row.sources?.find(({ address }) => address === referenceAddress)?.name;
    if (name) this.#row = { ...this.#row, reference: name };
  }
}

function figuresOf({
  state,
  reasons,
  figures,
}: ReturnType<typeof judge>): Pick<
  ClockRow,
  'state' | 'reasons' | 'maxError' | 'offset' | 'stratum' | 'reference' | 'measurementAge'
> {
  const { maxError, offset, stratum, reference, measurementAge } = figures;
  return {
    state,
    reasons: reasons.length === 0 ? NO_REASONS : reasons,
    maxError,
    offset,
    stratum,
    reference,
    measurementAge,
  };
}

/** True if the clock follows another source than the selected one of these, or none while one is selected. */
function contradicts(tracking: TrackingStatus, { selected }: SourcesSummary): boolean {
  if (!followsSource(tracking)) return selected !== null;
  if (selected === null) return true;
  // a reference clock has no address to compare
  return tracking.referenceIp === null ? ipVersion(selected) !== 0 : tracking.referenceIp !== selected;
}
