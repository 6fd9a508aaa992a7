/** A sample of chronyd: how it is asked, what it reports, and how good that is as a bound on the clock's error. */
import { ChronyConnection } from '../client/connection.ts';
import type { Settings, SharingOptions } from '../client/options.ts';
import { ChronyError } from '../errors.ts';
import type { Source, TrackingStatus } from '../reports/index.ts';
import type { AbortSignalLike } from '../util/abort.ts';

/** chronyd's tracking report, and what is needed to judge it. */
export interface TrackingSample {
  readonly tracking: TrackingStatus;
  /** The true time when the report came, by chronyd's estimate: seconds since the epoch. */
  readonly time: number;
  /** Null if it was not asked for, or no source is selected. */
  readonly selected: SelectedSource | null;
}

/** The source that chronyd has selected. */
export interface SelectedSource {
  /** Seconds between polls. After a burst that is much longer than the last interval between updates. */
  readonly pollSeconds: number;
  /** Its last measurement; null if there is none, or the clock was updated since the tracking report. */
  readonly measurement: Measurement | null;
}

export interface Measurement {
  /** By how many seconds the clock was slow, after chronyd's corrections. */
  readonly offset: number;
  /** The error bound of the offset, in seconds. */
  readonly error: number;
  /** Its age in whole seconds: the real one is less than a second more or less. */
  readonly age: number;
}

/** Fetches the parts of a sample over one connection, which is opened as soon as that succeeds. */
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
   * The selected source; null if there is none, or chronyd does not report it.
   *
   * @param tracking - the report that it belongs to
   */
  async selected({ refTime }: TrackingStatus, signal: AbortSignalLike): Promise<SelectedSource | null> {
    try {
      const connection = await this.#open();
      const sources = await connection.getSources({ signal });
      const selected = sources.find((source) => source.isSelected());
      if (selected === undefined) return null;
      // an update changes what chronyd reports of older measurements, as if it had corrected the clock before them
      const isSame = (await connection.getTracking({ signal })).refTime === refTime;
      return selectedSource(selected, isSame);
    } catch (error) {
      if (error instanceof ChronyError) return null;
      throw error;
    }
  }

  /** After a failure the next call tries again. */
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
 * `good`: a bound; `local`: chronyd is synchronised to nothing, by its configuration; `unsynchronized`: no source is
 * selected; `stale`: chronyd has ceased to update the clock; `nonsense`: what it reports cannot be.
 */
export type SampleQuality = 'good' | 'local' | 'unsynchronized' | 'stale' | 'nonsense';

/** A reference time that is older than so many update intervals is stale. */
const MISSED_UPDATES = 8;

/** True if the clock may not be updated any more. It is certain only if the selected source is known. */
export function isStale({ tracking, time, selected }: TrackingSample): boolean {
  const interval = Math.max(tracking.updateInterval, selected?.pollSeconds ?? 0);
  return !tracking.isLocal() && time - tracking.refTime > MISSED_UPDATES * interval;
}

/** How far the reference time may seem to be in the future, in seconds: the clocks are not read at the same time. */
const FUTURE_S = 1;
/** Longer than the longest interval between polls, 2^24 s. */
const LONGEST_INTERVAL_S = 366 * 86_400;

/** What is impossible about the report, in words; null if nothing is. */
function nonsenseOf({ tracking: { refTime, updateInterval }, time }: TrackingSample): string | null {
  const early = refTime - time;
  if (refTime === 0) return 'its reference time is 0, so that it has never measured';
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

/** The reason for the quality, in words, and how to improve it. */
export function explain(quality: SampleQuality, sample: TrackingSample): string {
  const { tracking, time } = sample;
  switch (quality) {
    case 'good':
      return `chronyd follows ${tracking.referenceIdName}`;
    case 'local':
      return (
        'chronyd is in local mode (127.127.1.1), synchronised to nothing; give it a source, or set allowLocal if ' +
        'only clocks that follow this one are compared'
      );
    case 'unsynchronized':
      return 'chronyd is not synchronised; wait until it has selected a source (chronyc sources tells what it has)';
    case 'nonsense':
      return (
        `what chronyd reports cannot be: ${nonsenseOf(sample)}; if a clock was set, here or at its source, set it right ` +
        'and restart chronyd'
      );
    case 'stale':
      return (
        `chronyd has not updated the clock for ${Math.round(time - tracking.refTime)} s, while its last updates were ` +
        `${tracking.updateInterval.toFixed(1)} s apart; check that its sources answer (chronyc sources)`
      );
  }
}
