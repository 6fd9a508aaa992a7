/** The names of sources in the metrics: configured names, reverse DNS names, or addresses. */
import { NODATA, NOTFOUND } from 'node:dns';
import { lookupService, Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { Source } from 'chrony-wasm';
import type { Snapshot } from '#metrics';
import { monotonicMs } from '../util/timers.ts';

/** The values of `--names`. */
export const NAMINGS = ['configured', 'dns', 'address'] as const;
export type Naming = (typeof NAMINGS)[number];

/** Returns a snapshot with the source names for its metrics. */
export type Name = (snapshot: Snapshot) => Snapshot;

export function namerOf(naming: Naming): Name {
  switch (naming) {
    case 'configured':
      return (snapshot) => snapshot;
    case 'address':
      return (snapshot) => renamed(snapshot, () => null);
    case 'dns': {
      const names = new ReverseNames();
      return (snapshot) => renamed(snapshot, (address) => names.of(address));
    }
  }
}

function renamed(snapshot: Snapshot, nameOf: (address: string) => string | null): Snapshot {
  const { sources } = snapshot.reports;
  if (!sources?.value) return snapshot;
  const value = sources.value.map((source) => new Source({ ...source, name: nameOf(source.address) }));
  return { ...snapshot, reports: { ...snapshot.reports, sources: { ...sources, value } } };
}

/** The lifetimes of a name, of a "no such name" answer, and of a failed look-up. */
const FOUND_MS = 3_600_000;
const MISSING_MS = 300_000;
const FAILED_MS = 5000;
/** The number of addresses that are remembered. The address that was looked up least recently is forgotten first. */
const MAX_NAMES = 1024;
const AT_ONCE = 2;
const NTP_PORT = 123;
/** The error codes for an address without a name. Any other error is a failed look-up. */
const MISSING: ReadonlySet<unknown> = new Set([NOTFOUND, NODATA]);
const TIMEOUT_MS = 2000;
const TRIES = 2;

interface Answer {
  readonly name: string | null;
  /** By monotonicMs(). */
  readonly until: number;
}

/**
 * Names from /etc/hosts and reverse DNS. Requests do not wait for a look-up: a source has no name until DNS has
 * answered, and keeps its old name until there is a new answer.
 */
class ReverseNames {
  readonly #resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES });
  /** By address, the oldest answer first. */
  readonly #answers = new Map<string, Answer>();
  /** The addresses to look up. */
  readonly #queue = new Set<string>();
  #running = 0;

  /** The name of an address, or null if it is not known yet. */
  of(address: string): string | null {
    if (isIP(address) === 0) return null;
    const answer = this.#answers.get(address);
    const isFresh = answer !== undefined && monotonicMs() < answer.until;
    if (!isFresh && this.#queue.size < MAX_NAMES) {
      this.#queue.add(address);
      this.#lookUp();
    }
    return answer?.name ?? null;
  }

  #lookUp(): void {
    for (const address of this.#queue) {
      if (this.#running >= AT_ONCE) return;
      this.#queue.delete(address);
      this.#running++;
      void this.#ask(address).finally(() => {
        this.#running--;
        this.#lookUp();
      });
    }
  }

  /** Looks up a name. Returns the current or the last known name, and the time until the next look-up. */
  async #reverse(address: string): Promise<{ readonly name: string | null; readonly ms: number }> {
    try {
      const [name] = await this.#resolver.reverse(address);
      // the resolver of Node.js does not use /etc/hosts; the system's resolver reads that file before it queries
      // DNS
      const found = name ?? (await lookupService(address, NTP_PORT)).hostname;
      return { name: found, ms: FOUND_MS };
    } catch (error) {
      const isMissing = error instanceof Error && 'code' in error && MISSING.has(error.code);
      return isMissing
        ? { name: null, ms: MISSING_MS }
        : { name: this.#answers.get(address)?.name ?? null, ms: FAILED_MS };
    }
  }

  async #ask(address: string): Promise<void> {
    const { name, ms } = await this.#reverse(address);
    this.#answers.delete(address);
    this.#answers.set(address, { name, until: monotonicMs() + ms });
    for (const oldest of this.#answers.keys()) {
      if (this.#answers.size <= MAX_NAMES) break;
      this.#answers.delete(oldest);
    }
  }
}
