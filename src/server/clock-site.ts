/** The site of one clock: its page, events and reports, and the collectors that query its chronyd. */
import type { ChronyOptions, HealthThresholds, ReportName } from 'chrony-wasm';
import type { SnapshotExtension, SnapshotName } from '#metrics';
import { Collector } from '#metrics';
import { repeating } from '../client/watch.ts';
import { type AbortSignalLike, abortable } from '../util/abort.ts';
import { clockRoutes } from './clock-routes.ts';
import { Live, updateOf } from './live.ts';
import { OnDemand } from './on-demand.ts';
import type { Routes } from './reply.ts';
import type { Shares } from './shares.ts';
import type { Viewer } from './viewers.ts';

export interface ClockSiteOptions {
  readonly chronyd: ChronyOptions;
  /** The reports of every snapshot. */
  readonly reports: readonly ReportName[];
  /** The extension reports that are requested on demand. */
  readonly extensions: readonly SnapshotExtension[];
  /** The time from one snapshot to the next, in seconds. */
  readonly interval: number;
  readonly thresholds: HealthThresholds;
  /** The name of the machine that the server runs on. */
  readonly host: string;
  readonly version: string;
  /** The routes of the page's files. */
  readonly page: Routes;
  /** Called when a report starts to fail. */
  onRefused(name: SnapshotName, error: Error): void;
  /** As for `Viewers`. */
  readonly places?: Shares<Viewer>;
}

export class ClockSite implements AsyncDisposable {
  readonly collector: Collector;
  readonly onDemand: OnDemand;
  readonly live: Live;
  /** By path, relative to the clock's base path. */
  readonly routes: Routes;
  readonly #intervalMs: number;

  constructor(options: ClockSiteOptions) {
    const { chronyd, reports, extensions, interval, thresholds, host, version, page, onRefused, places } =
      options;
    this.#intervalMs = interval * 1000;
    this.live = new Live(this.#recentMs, () => void this.collector.take(this.#recentMs), places);
    this.collector = new Collector({
      ...chronyd,
      reports,
      onRefused,
      onSnapshot: (snapshot) => {
        const address = (this.collector.address ?? chronyd.address) || 'chronyd';
        this.live.publish(updateOf(snapshot, thresholds, { interval, chronyd: address, host, version }));
      },
    });
    this.onDemand = new OnDemand(extensions, { ...chronyd, onRefused });
    const { collector, onDemand, live } = this;
    this.routes = clockRoutes({ collector, onDemand, live, thresholds, page });
  }

  /** The maximum age of a scrape's snapshot that is reused for viewers. */
  get #recentMs(): number {
    return this.#intervalMs / 2;
  }

  /** Takes a snapshot each interval while there are viewers, until the signal aborts. Without viewers, chronyd is not queried. */
  async run(ending: AbortSignal): Promise<void> {
    const take = async (stop: AbortSignalLike): Promise<void> => {
      await abortable(this.live.whenViewed(), stop);
      await abortable(this.collector.take(this.#recentMs), stop);
    };
    for await (const failure of repeating(take, this.#intervalMs, { ending })) {
      // take() never fails
      if (failure instanceof Error) throw failure;
    }
  }

  /** Disconnects the viewers. Requests in progress still get their reports. */
  end(): void {
    this.live[Symbol.dispose]();
  }

  /** Closes the site and ends its queries of chronyd. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.end();
    await this.onDemand[Symbol.asyncDispose]();
    await this.collector.close();
  }
}
