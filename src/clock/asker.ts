/** Asks chronyd what a bound is made of, on one connection, which is opened as soon as that can be. */
import { ChronyConnection } from '../client/connection.ts';
import type { Settings } from '../client/options.ts';
import { ChronyError } from '../errors.ts';
import type { Source, TrackingStatus } from '../reports/index.ts';
import type { Followed } from './answer.ts';

function followedOf({ poll, latestMeas, latestMeasErr, lastSampleAgo }: Source, isSame: boolean): Followed {
  const measured =
    lastSampleAgo === null || !isSame
      ? null
      : // the sign is the other one here; the age was rounded down to whole seconds
        { offset: -latestMeas, error: latestMeasErr, age: lastSampleAgo + 1 };
  return { poll: 2 ** poll, measured };
}

export class Asker {
  readonly #settings: Settings;
  #connection: Promise<ChronyConnection> | null = null;

  /** @param settings - the signal closes the connection */
  constructor(settings: Settings) {
    this.#settings = settings;
  }

  async tracking(signal: AbortSignal): Promise<TrackingStatus> {
    return (await this.#open()).getTracking({ signal });
  }

  /**
   * What chronyd follows; null if that is nothing, or it does not say.
   *
   * @param status - its last answer
   */
  async followed({ refTime }: TrackingStatus, signal: AbortSignal): Promise<Followed | null> {
    try {
      const connection = await this.#open();
      const sources = await connection.getSources({ signal });
      const selected = sources.find((source) => source.isSelected());
      if (selected === undefined) return null;
      // with each update chronyd tells of older measurements as if they had been made of the clock as it is since
      const isSame = (await connection.getTracking({ signal })).refTime === refTime;
      return followedOf(selected, isSame);
    } catch (error) {
      if (error instanceof ChronyError) return null;
      throw error;
    }
  }

  /** One that fails to open is tried again the next time. */
  #open(): Promise<ChronyConnection> {
    const { address, timeoutMs, retries, signal } = this.#settings;
    this.#connection ??= ChronyConnection.open({ address, timeoutMs, retries, signal }).catch(
      (error: unknown) => {
        this.#connection = null;
        throw error;
      },
    );
    return this.#connection;
  }
}
