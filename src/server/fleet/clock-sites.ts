/**
 * The pages of a fleet's individual clocks, at `/clock/ADDRESS/`. All reports of a clock are queried only while it
 * has viewers.
 */
import { ChronyError } from 'chrony-wasm';
import { CLOSED } from '../../client/watch.ts';
import { monotonicMs } from '../../util/timers.ts';
import type { ClockSite } from '../clock-site.ts';
import type { Log } from '../log.ts';
import { plainText, type Reply, type Route, type Routes, refusal } from '../reply.ts';

/** The maximum number of clocks with open pages. */
const MAX_SITES = 64;
/** A site without viewers and requests is closed after this time. An open page sends a request every few seconds. */
const IDLE_MS = 15_000;
const CHECK_MS = 2500;

const FULL = refusal(503, `the pages of ${MAX_SITES} clocks are open already; close an unused one`, {
  'Retry-After': '10',
});

/** A clock that has viewers or had viewers recently. */
interface Open {
  readonly site: ClockSite;
  readonly ending: AbortController;
  /** The number of requests in progress. */
  requests: number;
  /** The end of the last request, by monotonicMs(). */
  usedMs: number;
}

function isIdle({ site, requests }: Open): boolean {
  return requests === 0 && site.live.viewers === 0;
}

export interface ClockSitesOptions {
  /** The files of a clock's page. They are the same for all clocks and are served without a query. */
  readonly page: Routes;
  isTarget(address: string): boolean;
  /** Makes a clock's site. */
  make(address: string): ClockSite;
  readonly log: Log;
}

export class ClockSites implements AsyncDisposable {
  readonly #options: ClockSitesOptions;
  /** By address, the least recently used first. */
  readonly #open = new Map<string, Open>();
  readonly #closing = new Set<Promise<void>>();
  readonly #check: NodeJS.Timeout;

  constructor(options: ClockSitesOptions) {
    this.#options = options;
    this.#check = setInterval(() => this.#closeIdle(), CHECK_MS);
    this.#check.unref();
  }

  /** Returns the route for a path below `/clock/`; undefined for any other path and for an unknown one. */
  routeAt(path: string): Route | undefined {
    const [, encoded = '', rest] = /^\/clock\/([^/]+)(\/.*)?$/.exec(path) ?? [];
    const address = decoded(encoded);
    if (address === null || address === '') return undefined;
    const { page, isTarget } = this.#options;
    if (!isTarget(address)) return () => unknown(address);
    if (rest === undefined) return () => redirect(address);
    return page.get(rest) ?? ((request) => this.#reply(address, rest, request));
  }

  async #reply(
    address: string,
    path: string,
    request: Parameters<Route>[0],
  ): Promise<Awaited<ReturnType<Route>>> {
    const open = this.#open.get(address) ?? this.#make(address);
    if (open === null) return FULL;
    this.#open.delete(address);
    this.#open.set(address, open);
    const route = open.site.routes.get(path);
    if (route === undefined) return refusal(404, 'there is nothing here; see / and /api of this clock');
    open.requests++;
    try {
      return await route(request);
    } finally {
      open.requests--;
      open.usedMs = monotonicMs();
    }
  }

  /** Null if too many are open. */
  #make(address: string): Open | null {
    if (this.#open.size >= MAX_SITES) {
      const idle = [...this.#open].find(([, open]) => isIdle(open));
      if (idle === undefined) return null;
      this.#close(...idle);
    }
    const { make, log } = this.#options;
    const open: Open = {
      site: make(address),
      ending: new AbortController(),
      requests: 0,
      usedMs: monotonicMs(),
    };
    open.site.run(open.ending.signal).catch((error: Error) => {
      log.error(
        `queries of ${address} have ended: ${error.message}; this is a bug in chrony-wasm, please report it`,
      );
    });
    return open;
  }

  #close(address: string, { site, ending }: Open): void {
    this.#open.delete(address);
    // an error with this code ends the run without an error
    ending.abort(new ChronyError('no viewers are left', { code: CLOSED }));
    const closed = site[Symbol.asyncDispose]();
    this.#closing.add(closed);
    void closed.finally(() => this.#closing.delete(closed));
  }

  #closeIdle(): void {
    const now = monotonicMs();
    for (const [address, open] of [...this.#open]) {
      if (isIdle(open) && now - open.usedMs > IDLE_MS) this.#close(address, open);
    }
  }

  /** Closes the sites of clocks that are no longer targets. */
  closeGone(): void {
    for (const [address, open] of [...this.#open]) {
      if (!this.#options.isTarget(address)) this.#close(address, open);
    }
  }

  /** Disconnects the viewers. Requests in progress still get their reports. */
  end(): void {
    for (const { site } of this.#open.values()) site.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#check);
    for (const [address, open] of [...this.#open]) this.#close(address, open);
    await Promise.all(this.#closing);
  }
}

/** Null if the percent-encoding is invalid. */
function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function unknown(address: string): Reply {
  return refusal(404, `${JSON.stringify(address)} is not a target of this fleet; its targets are at /sd`);
}

/** Redirects to the same path with a trailing slash, below which the page finds its files. */
function redirect(address: string): Reply {
  return {
    status: 308,
    // relative, for proxies that serve the fleet below a path
    headers: { Location: `./${encodeURIComponent(address)}/` },
    content: plainText('this page is at the same path with a / at its end'),
  };
}
