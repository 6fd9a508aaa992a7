/** Asks chronyd what a bound is made of, on one connection, which is opened as soon as that can be. */
import { ChronyConnection } from '../connection.ts';
import { ChronyError } from '../errors.ts';
import type { Settings } from '../options.ts';
import type { TrackingStatus } from '../reports/index.ts';

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

  /** Seconds between polls of the source that chronyd follows; null if there is none, or it does not say. */
  async poll(signal: AbortSignal): Promise<number | null> {
    try {
      const sources = await (await this.#open()).getSources({ signal });
      const selected = sources.find((source) => source.isSelected());
      return selected === undefined ? null : 2 ** selected.poll;
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
