/** The DNS names whose records are targets. They are looked up repeatedly, with limited concurrency and a timeout. */
import { Resolver } from 'node:dns/promises';
import { ChronyError } from '../../errors.ts';
import { parseAddress } from '../../socket/address.ts';
import { clearTimeout, setTimeout } from '../../util/timers.ts';
import { type DnsName, targetOf } from './address.ts';

/** The part of Node's `Resolver` that is used. */
export interface DnsResolver {
  resolve4(name: string, options: { ttl: true }): Promise<readonly AddressRecord[]>;
  resolve6(name: string, options: { ttl: true }): Promise<readonly AddressRecord[]>;
  resolveSrv(name: string): Promise<readonly { readonly name: string; readonly port: number }[]>;
  /** Makes all pending lookups fail. */
  cancel(): void;
}

interface AddressRecord {
  readonly address: string;
  /** Seconds. */
  readonly ttl: number;
}

/** Makes a new resolver for each lookup, so that it uses the current DNS servers of this machine. */
export type NewResolver = () => DnsResolver;
const newSystemResolver: NewResolver = () => new Resolver({ timeout: 1500, tries: 2 });

const LOOKUP_MS = 5000;
const AT_ONCE = 16;
/** A failed lookup is repeated after this time. */
const RETRY_MS = 10_000;
/** The limits of the time between two lookups, which is the TTL of the records if DNS gives one. */
const SHORTEST_MS = 5000;
const LONGEST_MS = 60_000;
/** The maximum number of records of a name. */
const MAX_RECORDS = 1000;
export const MAX_NAMES = 256;

/** The targets from the records of one type. */
interface Records {
  readonly addresses: readonly string[];
  /** The number of further records, which are not used. */
  readonly leftOut: number;
  readonly ttlMs: number;
}

/** The outcome for a type of record: the current records, or the problem. */
type Outcome = Records | { readonly problem: string };

/** A name that is looked up repeatedly. */
interface Followed {
  readonly dns: DnsName;
  /** The last answer for each type of record. */
  answers: readonly (readonly string[])[];
  /** The last problem that was warned of; null if there is none. */
  problem: string | null;
  timer: NodeJS.Timeout | undefined;
  /** Ends the lookup in progress; null if there is none. */
  cancel: (() => void) | null;
  /** Called after the first lookup. */
  readonly ended: () => void;
  readonly first: Promise<void>;
}

export class Names implements Disposable {
  readonly #warn: (message: string) => void;
  readonly #changed: () => void;
  readonly #newResolver: NewResolver;
  readonly #names = new Map<string, Followed>();
  readonly #waiting = new Set<Followed>();
  #running = 0;

  /** @param changed - called when the targets of a name have changed */
  constructor(warn: (message: string) => void, changed: () => void, newResolver = newSystemResolver) {
    this.#warn = warn;
    this.#changed = changed;
    this.#newResolver = newResolver;
  }

  /** Sets the names that are followed. */
  follow(names: ReadonlyMap<string, DnsName>): void {
    for (const [text, followed] of this.#names) {
      if (!names.has(text)) this.#forget(text, followed);
    }
    for (const [text, dns] of names) {
      if (this.#names.has(text)) continue;
      let ended = (): void => {};
      const first = new Promise<void>((resolve) => {
        ended = resolve;
      });
      const followed: Followed = {
        dns,
        answers: [],
        problem: null,
        timer: undefined,
        cancel: null,
        ended,
        first,
      };
      this.#names.set(text, followed);
      this.#enqueue(followed);
    }
  }

  /** The canonical addresses of a name's targets; empty until DNS has answered. */
  addressesOf(text: string): ReadonlySet<string> {
    return new Set(this.#names.get(text)?.answers.flat());
  }

  /** Looks up all names now. */
  reload(): void {
    for (const followed of this.#names.values()) this.#enqueue(followed);
  }

  /** Waits until each name has been looked up once, or until the timeout in milliseconds. */
  async ready(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    });
    await Promise.race([Promise.all(Array.from(this.#names.values(), ({ first }) => first)), late]);
    clearTimeout(timer);
  }

  #forget(text: string, followed: Followed): void {
    this.#names.delete(text);
    this.#waiting.delete(followed);
    clearTimeout(followed.timer);
    followed.cancel?.();
    followed.ended();
  }

  #enqueue(followed: Followed): void {
    clearTimeout(followed.timer);
    if (followed.cancel === null) this.#waiting.add(followed);
    this.#beginMore();
  }

  #beginMore(): void {
    for (const followed of this.#waiting) {
      if (this.#running === AT_ONCE) return;
      this.#waiting.delete(followed);
      this.#running++;
      void this.#lookUp(followed);
    }
  }

  async #lookUp(followed: Followed): Promise<void> {
    const { dns } = followed;
    const resolver = this.#newResolver();
    // this makes its lookups fail
    const timer = setTimeout(() => resolver.cancel(), LOOKUP_MS);
    followed.cancel = () => resolver.cancel();
    const outcomes = await Promise.all(queriesOf(dns, resolver));
    clearTimeout(timer);
    followed.cancel = null;
    this.#running--;
    if (this.#names.get(dns.text) === followed) {
      const waitMs = this.#take(followed, outcomes);
      followed.timer = setTimeout(() => this.#enqueue(followed), waitMs).unref();
    }
    followed.ended();
    this.#beginMore();
  }

  /** @returns the time until the next lookup */
  #take(followed: Followed, outcomes: readonly Outcome[]): number {
    const { dns } = followed;
    const before = this.addressesOf(dns.text);
    const answers = outcomes.map((outcome, i) =>
      'problem' in outcome ? (followed.answers[i] ?? []) : outcome.addresses,
    );
    // as with an empty file, a name without records is more likely a mistake than the end of the fleet
    const isEmpty = answers.flat().length === 0;
    if (!isEmpty) followed.answers = answers;
    const known = outcomes.filter((outcome) => 'addresses' in outcome);
    const leftOut = known.reduce((sum, { leftOut }) => sum + leftOut, 0);
    const failed = outcomes.find((outcome) => 'problem' in outcome);
    const problem =
      failed?.problem ?? (isEmpty ? `DNS has no such name, or no ${TYPES[dns.kind]} for it` : null);
    const effect = followed.answers.length > 0 ? 'its previous targets stay in use' : 'it has no targets yet';
    if (problem !== null)
      this.#warnOf(followed, `${problem}; ${effect}; check the name and this machine's DNS`);
    else if (leftOut === 0) followed.problem = null;
    else
      this.#warnOf(followed, `only ${MAX_RECORDS} of its records are used; divide them among several names`);
    if (!isSame(before, this.addressesOf(dns.text))) this.#changed();
    if (problem !== null) return RETRY_MS;
    return Math.max(SHORTEST_MS, Math.min(LONGEST_MS, ...known.map(({ ttlMs }) => ttlMs)));
  }

  /** Warns once of each problem. */
  #warnOf(followed: Followed, problem: string): void {
    if (followed.problem !== problem) this.#warn(`${followed.dns.text}: ${problem}`);
    followed.problem = problem;
  }

  [Symbol.dispose](): void {
    for (const [text, followed] of this.#names) this.#forget(text, followed);
  }
}

/** The record types of each kind of name. */
const TYPES: Readonly<Record<DnsName['kind'], string>> = { srv: 'SRV records', a: 'A or AAAA records' };

function isSame(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...one].every((each) => other.has(each));
}

/** Starts a lookup for each type of record. */
function queriesOf({ kind, name, port }: DnsName, resolver: DnsResolver): readonly Promise<Outcome>[] {
  if (kind === 'srv') {
    // Node.js does not return the TTL of SRV records
    return [outcomeOf(async () => recordsOf(await resolver.resolveSrv(name), LONGEST_MS))];
  }
  return [() => resolver.resolve4(name, { ttl: true }), () => resolver.resolve6(name, { ttl: true })].map(
    (find) =>
      outcomeOf(async () => {
        const records = await find();
        const ttlMs = 1000 * Math.min(...records.map(({ ttl }) => ttl));
        return recordsOf(
          records.map(({ address }) => ({ name: address, port })),
          ttlMs,
        );
      }),
  );
}

/** @param hosts - the hosts of the records, unchecked: DNS may return anything */
function recordsOf(
  hosts: readonly { readonly name: string; readonly port: number }[],
  ttlMs: number,
): Records {
  const addresses = new Set(hosts.flatMap(({ name, port }) => addressOf(name, port) ?? []));
  // DNS returns them in varying order
  const used = [...addresses].sort().slice(0, MAX_RECORDS);
  return { addresses: used, leftOut: addresses.size - used.length, ttlMs };
}

/** Returns null for an invalid host or port. It never returns a Unix socket, because the scheme prevents a path. */
function addressOf(name: string, port: number): string | null {
  const host = name.includes(':') ? `[${name}]` : name;
  try {
    return targetOf(parseAddress(`udp://${host}:${port}`));
  } catch (error) {
    if (error instanceof ChronyError) return null;
    throw error;
  }
}

async function outcomeOf(find: () => Promise<Records>): Promise<Outcome> {
  try {
    return await find();
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    if (NO_RECORDS.has(code)) return { addresses: [], leftOut: 0, ttlMs: LONGEST_MS };
    return { problem: SILENT.has(code) ? 'no DNS server answers' : `DNS fails with ${code}` };
  }
}

const NO_RECORDS: ReadonlySet<string> = new Set(['ENODATA', 'ENOTFOUND']);
const SILENT: ReadonlySet<string> = new Set(['ETIMEOUT', 'ECANCELLED', 'ECONNREFUSED']);
