/** The names in DNS whose records are targets: looked up repeatedly, few at a time, in bounded time. */
import { Resolver } from 'node:dns/promises';
import { ChronyError } from '../../errors.ts';
import { parseAddress } from '../../socket/address.ts';
import { clearTimeout, setTimeout } from '../../util/timers.ts';
import { type DnsName, targetOf } from './address.ts';

/** What is needed of Node's `Resolver`. */
export interface DnsResolver {
  resolve4(name: string, options: { ttl: true }): Promise<readonly AddressRecord[]>;
  resolve6(name: string, options: { ttl: true }): Promise<readonly AddressRecord[]>;
  resolveSrv(name: string): Promise<readonly { readonly name: string; readonly port: number }[]>;
  /** Has all lookups fail. */
  cancel(): void;
}

interface AddressRecord {
  readonly address: string;
  /** Seconds. */
  readonly ttl: number;
}

/** A new one for each lookup: it knows the DNS servers that this machine has by then. */
export type NewResolver = () => DnsResolver;
const newSystemResolver: NewResolver = () => new Resolver({ timeout: 1500, tries: 2 });

const LOOKUP_MS = 5000;
const AT_ONCE = 16;
/** A lookup that failed is repeated after this time. */
const RETRY_MS = 10_000;
/** From one lookup to the next: the TTL of the records, where DNS gives one, but within these limits. */
const SHORTEST_MS = 5000;
const LONGEST_MS = 60_000;
/** Of a name. */
const MAX_RECORDS = 1000;
export const MAX_NAMES = 256;

/** The targets that the records of a type give. */
interface Records {
  readonly addresses: readonly string[];
  /** How many more there are, which are not used. */
  readonly leftOut: number;
  readonly ttlMs: number;
}

/** The outcome for a type of record: what it is now, or why that is not known. */
type Outcome = Records | { readonly problem: string };

/** A name that is followed. */
interface Followed {
  readonly dns: DnsName;
  /** The last answer, for each type of record. */
  answers: readonly (readonly string[])[];
  /** What was warned of; null if all is well. */
  problem: string | null;
  timer: NodeJS.Timeout | undefined;
  /** Ends the lookup that is under way; null if there is none. */
  cancel: (() => void) | null;
  /** After the first lookup. */
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

  /** @param changed - called when a name has got other targets */
  constructor(warn: (message: string) => void, changed: () => void, newResolver = newSystemResolver) {
    this.#warn = warn;
    this.#changed = changed;
    this.#newResolver = newResolver;
  }

  /** Follows these names, and no others. */
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

  /** The canonical addresses of a name's targets: none until DNS has answered. */
  addressesOf(text: string): ReadonlySet<string> {
    return new Set(this.#names.get(text)?.answers.flat());
  }

  /** Looks all names up now. */
  reload(): void {
    for (const followed of this.#names.values()) this.#enqueue(followed);
  }

  /** Waits until each name was looked up once, but no longer than so many milliseconds. */
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
    // its lookups fail then
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

  /** @returns when to look it up again */
  #take(followed: Followed, outcomes: readonly Outcome[]): number {
    const { dns } = followed;
    const before = this.addressesOf(dns.text);
    const answers = outcomes.map((outcome, i) =>
      'problem' in outcome ? (followed.answers[i] ?? []) : outcome.addresses,
    );
    // like an emptied file, a name without records is more likely a mistake than the end of the fleet
    const isEmpty = answers.flat().length === 0;
    if (!isEmpty) followed.answers = answers;
    const known = outcomes.filter((outcome) => 'addresses' in outcome);
    const leftOut = known.reduce((sum, { leftOut }) => sum + leftOut, 0);
    const failed = outcomes.find((outcome) => 'problem' in outcome);
    const problem =
      failed?.problem ?? (isEmpty ? `DNS has no such name, or no ${TYPES[dns.kind]} for it` : null);
    const effect = followed.answers.length > 0 ? 'its last targets stay' : 'it has no targets yet';
    if (problem !== null)
      this.#warnOf(followed, `${problem}; ${effect}; check the name and this machine's DNS`);
    else if (leftOut === 0) followed.problem = null;
    else
      this.#warnOf(followed, `only ${MAX_RECORDS} of its records are used; divide them among several names`);
    if (!isSame(before, this.addressesOf(dns.text))) this.#changed();
    if (problem !== null) return RETRY_MS;
    return Math.max(SHORTEST_MS, Math.min(LONGEST_MS, ...known.map(({ ttlMs }) => ttlMs)));
  }

  /** Once for each problem. */
  #warnOf(followed: Followed, problem: string): void {
    if (followed.problem !== problem) this.#warn(`${followed.dns.text}: ${problem}`);
    followed.problem = problem;
  }

  [Symbol.dispose](): void {
    for (const [text, followed] of this.#names) this.#forget(text, followed);
  }
}

/** What is looked up for a kind of name. */
const TYPES: Readonly<Record<DnsName['kind'], string>> = { srv: 'SRV records', a: 'A or AAAA records' };

function isSame(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...one].every((each) => other.has(each));
}

/** A lookup for each type of record. */
function queriesOf({ kind, name, port }: DnsName, resolver: DnsResolver): readonly Promise<Outcome>[] {
  if (kind === 'srv') {
    // Node.js does not give their TTL
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

/** @param hosts - of the records, as DNS gives them: they may be anything */
function recordsOf(
  hosts: readonly { readonly name: string; readonly port: number }[],
  ttlMs: number,
): Records {
  const addresses = new Set(hosts.flatMap(({ name, port }) => addressOf(name, port) ?? []));
  // DNS gives them in another order each time
  const used = [...addresses].sort().slice(0, MAX_RECORDS);
  return { addresses: used, leftOut: addresses.size - used.length, ttlMs };
}

/** Null for what is no host and port. Never a socket of this machine: the scheme keeps a path from being one. */
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
