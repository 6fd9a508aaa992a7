/** Samples chronyd: queries it, and judges whether its report is good as a bound on the clock's error. */
import { ChronyConnection } from '../client/connection.ts';
import type { Settings, SharingOptions } from '../client/options.ts';
import { ChronyError } from '../errors.ts';
import type { Source, TrackingStatus } from '../reports/index.ts';
import type { AbortSignalLike } from '../util/abort.ts';

/** chronyd's tracking report, with the data needed to judge it. */
export interface TrackingSample {
  readonly tracking: TrackingStatus;
  /** The true time when the report arrived, as chronyd estimates it: seconds since the epoch. */
  readonly time: number;
  /** Null if it was not fetched, or no source is selected. */
  readonly selected: SelectedSource | null;
}

/** The source that chronyd has selected. */
export interface SelectedSource {
  /** Seconds between polls. After a burst this is much longer than the last interval between updates. */
  readonly pollSeconds: number;
  /** Its last measurement; null if there is none, or the clock was updated since the tracking report. */
  readonly measurement: Measurement | null;
}

export interface Measurement {
  /** The offset after chronyd's corrections, in seconds: positive if the clock was slow. */
  readonly offset: number;
  /** The error bound of the offset, in seconds. */
  readonly error: number;
  /** Its age in whole seconds, which may differ from the exact age by less than a second. */
  readonly age: number;
}

/** Fetches the parts of a sample over one connection, which is opened on the first success. */
export class Sampler {
  readonly #settings: Settings;
  #connection: Promise<ChronyConnection> | null = null;

  /** @param settings - the signal closes the connection */
  constructor(settings: Settings) {
    this.#settings = settings;
  }

  async tracking(signal: AbortSignalLike): Promise<TrackingStatus> {
    return (await this.#open()).getTracking({ signal });
  }

  /**
   * Returns the selected source; null if there is none, or chronyd does not report it.
   *
   * @param tracking - the tracking report of the sample
   */
  async selected({ refTime }: TrackingStatus, signal: AbortSignalLike): Promise<SelectedSource | null> {
    try {
      const connection = await this.#open();
      const sources = await connection.getSources({ signal });
      const selected = sources.find((source) => source.isSelected());
      if (selected === undefined) return null;
      // an update changes the reported older measurements, as if the clock had been corrected before them
      const isSame = (await connection.getTracking({ signal })).refTime === refTime;
      return selectedSource(selected, isSame);
    } catch (error) {
      if (error instanceof ChronyError) return null;
      throw error;
    }
  }

  /** Opens the connection. After a failure the next call tries again. */
  #open(): Promise<ChronyConnection> {
    const { address, timeoutMs, retries, signal, ipVersion } = this.#settings;
    const options: SharingOptions = { address, timeoutMs, retries, signal, ipVersion };
    this.#connection ??= ChronyConnection.open(options).catch((error: unknown) => {
      this.#connection = null;
      throw error;
    });
    return this.#connection;
  }
}

function selectedSource(
  { poll, latestMeas, latestMeasErr, lastSampleAgo }: Source,
  isSame: boolean,
): SelectedSource {
  const measurement =
    lastSampleAgo === null || !isSame
      ? null
      : // a source's offset has the opposite sign
        { offset: -latestMeas, error: latestMeasErr, age: lastSampleAgo };
  return { pollSeconds: 2 ** poll, measurement };
}

/**
 * How good a sample is:
 * - `good`: it gives a bound;
 * - `local`: chronyd is configured to be synchronized to its own clock;
 * - `unsynchronized`: no source is selected;
 * - `stale`: chronyd no longer updates the clock;
 * - `nonsense`: the report has impossible values.
 */
export type SampleQuality = 'good' | 'local' | 'unsynchronized' | 'stale' | 'nonsense';

/** The number of update intervals after which the reference time is stale. */
const MISSED_UPDATES = 8;

/** True if chronyd may no longer update the clock. This is certain only if the selected source is known. */
export function isStale({ tracking, time, selected }: TrackingSample): boolean {
  const interval = Math.max(tracking.updateInterval, selected?.pollSeconds ?? 0);
  return !tracking.isLocal() && time - tracking.refTime > MISSED_UPDATES * interval;
}

/** How far the reference time may appear to be in the future, in seconds: the clocks are not read at the same time. */
const FUTURE_S = 1;
/** Longer than the longest interval between polls, 2^24 s. */
const LONGEST_INTERVAL_S = 366 * 86_400;

/** Describes the impossible value of a report; null if there is none. */
function nonsenseOf({ tracking: { refTime, updateInterval }, time }: TrackingSample): string | null {
  const early = refTime - time;
  if (refTime === 0) return 'its reference time is 0, as if it had never measured';
  if (early > FUTURE_S) return `its reference time is ${early.toFixed(1)} s in the future`;
  if (updateInterval > LONGEST_INTERVAL_S) {
    return `its last updates are ${updateInterval.toPrecision(4)} s apart, more than a year`;
  }
  return null;
}

export function qualityOf(sample: TrackingSample, allowLocal: boolean): SampleQuality {
  const { tracking } = sample;
  if (!tracking.isSynchronized()) return 'unsynchronized';
  if (tracking.isLocal()) return allowLocal ? 'good' : 'local';
  if (nonsenseOf(sample) !== null) return 'nonsense';
  return isStale(sample) ? 'stale' : 'good';
}

/** Returns the reason for the quality, as text, with advice. */
export function explain(quality: SampleQuality, sample: TrackingSample): string {
  const { tracking, time } = sample;
  switch (quality) {
    case 'good':
      return `chronyd follows ${tracking.referenceIdName}`;
    case 'local':
      return (
        'chronyd is in local mode (127.127.1.1), following only its own clock; give it a source, or set allowLocal ' +
        'if only clocks that follow this one are compared'
      );
    case 'unsynchronized':
      return 'chronyd is not synchronized; wait until it has selected a source (chronyc sources lists them)';
    case 'nonsense':
      return (
        `chronyd reports an impossible value: ${nonsenseOf(sample)}; if a clock was set, here or at its source, ` +
        'correct it and restart chronyd'
      );
    case 'stale':
      return (
        `chronyd has not updated the clock for ${Math.round(time - tracking.refTime)} s, while its last updates were ` +
        `${tracking.updateInterval.toFixed(1)} s apart; check that its sources answer (chronyc sources)`
      );
  }
}
