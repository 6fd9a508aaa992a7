/** The current targets of a fleet, from the command line, files and DNS. */
import { clearTimeout, setTimeout } from '../../util/timers.ts';
import type { Target, TargetList } from '../target.ts';
import { type DnsName, readAddress } from './address.ts';
import { type Entry, MAX_TARGETS } from './entries.ts';
import { COMMAND_LINE } from './error.ts';
import { TargetFile } from './file.ts';
import { areSame, LabelSets } from './labels.ts';
import { MAX_NAMES, Names, type NewResolver } from './names.ts';

/** The sources of targets. */
export interface TargetSources {
  /** Addresses, `srv:NAME`, `a:NAME` or `a:NAME:PORT`. */
  readonly hosts: readonly string[];
  /** Paths. */
  readonly files: readonly string[];
  /**
   * Receives later problems, once for each change, such as a file that has become invalid or a name that DNS does
   * not know. The previous targets stay in use.
   */
  readonly warn: (message: string) => void;
  /** Makes a resolver for a lookup. Default: a resolver that uses the DNS servers of this machine. */
  readonly resolver?: NewResolver;
}

export interface Targets extends TargetList {
  /** Reads the files and looks up the names now, on SIGHUP. */
  reload(): void;
}

/** The time between two checks of the files. */
const LOOK_MS = 1000;
/** The maximum time that the start waits for DNS. */
const FIRST_LOOKUPS_MS = 10_000;

/**
 * Opens the targets. It waits until each DNS name has been looked up once, but at most 10 seconds. Later answers
 * count as changes.
 *
 * @throws TargetsError if an address, or a file, cannot be used
 */
export async function openTargets({ hosts, files, warn, resolver }: TargetSources): Promise<Targets> {
  const labels = new LabelSets().read([], COMMAND_LINE);
  const fixed = hosts.map((host): Entry => {
    const address = readAddress(host, COMMAND_LINE);
    return typeof address === 'string' ? { address, labels } : { dns: address, labels };
  });
  const opened: TargetFile[] = [];
  for (const path of files) opened.push(await TargetFile.open(path, warn));
  const targets = new FollowedTargets(fixed, opened, warn, resolver);
  await targets.names.ready(FIRST_LOOKUPS_MS);
  return targets;
}

class FollowedTargets implements Targets {
  readonly targets = new Map<string, Target>();
  readonly names: Names;
  readonly #fixed: readonly Entry[];
  readonly #files: readonly TargetFile[];
  readonly #warn: (message: string) => void;
  readonly #listeners = new Set<{ readonly listener: () => void }>();
  #timer: NodeJS.Timeout | undefined;
  /** The number of names that are left out. */
  #namesLeftOut = 0;
  /** The last warning about limits. */
  #limits = '';

  constructor(
    fixed: readonly Entry[],
    files: readonly TargetFile[],
    warn: (message: string) => void,
    resolver: NewResolver | undefined,
  ) {
    this.#fixed = fixed;
    this.#files = files;
    this.#warn = warn;
    this.names = new Names(warn, () => this.#update(), resolver);
    this.#follow();
    if (files.length > 0) this.#lookLater();
  }

  onChange(listener: () => void): () => void {
    const entry = { listener };
    this.#listeners.add(entry);
    return () => {
      this.#listeners.delete(entry);
    };
  }

  reload(): void {
    const read = this.#files.map((file) => file.reload());
    if (read.includes(true)) this.#follow();
    this.names.reload();
  }

  /** Polls the files, because network file systems and some containers have no file system events. */
  #lookLater(): void {
    this.#timer = setTimeout(() => {
      const read = this.#files.map((file) => file.look());
      if (read.includes(true)) this.#follow();
      this.#lookLater();
    }, LOOK_MS).unref();
  }

  *#entries(): Iterable<Entry> {
    yield* this.#fixed;
    for (const { entries } of this.#files) yield* entries;
  }

  /** Called after a file was read. */
  #follow(): void {
    const names = new Map<string, DnsName>();
    for (const entry of this.#entries()) {
      if ('dns' in entry) names.set(entry.dns.text, entry.dns);
    }
    this.#namesLeftOut = Math.max(0, names.size - MAX_NAMES);
    this.names.follow(new Map([...names].slice(0, MAX_NAMES)));
    this.#update();
  }

  /** Updates the map, and notifies the listeners of changes. */
  #update(): void {
    const { targets, leftOut } = this.#merged();
    let isChanged = false;
    for (const address of this.targets.keys()) {
      if (!targets.has(address)) isChanged = this.targets.delete(address);
    }
    for (const [address, target] of targets) {
      const before = this.targets.get(address);
      if (before !== undefined && areSame(before.labels, target.labels)) continue;
      this.targets.set(address, target);
      isChanged = true;
    }
    this.#warnOfLimits(leftOut);
    if (isChanged) for (const { listener } of [...this.#listeners]) listener();
  }

  /** Warns once for each change. */
  #warnOfLimits(targetsLeftOut: number): void {
    const limits = [
      [targetsLeftOut, `targets more than ${MAX_TARGETS}`],
      [this.#namesLeftOut, `names of srv: and a: more than ${MAX_NAMES}`],
    ] as const;
    const exceeded = limits.filter(([count]) => count > 0).map((limit) => limit.join(' '));
    const text = exceeded.join(' and ');
    if (text !== '' && text !== this.#limits) {
      this.#warn(`${text}, which are left out; divide the targets among several processes`);
    }
    this.#limits = text;
  }

  /**
   * Merges the targets of all sources. A target from several sources has the labels of all of them; where they
   * differ, the last one wins.
   */
  #merged(): { readonly targets: ReadonlyMap<string, Target>; readonly leftOut: number } {
    const targets = new Map<string, Target>();
    const sets = new LabelSets();
    let leftOut = 0;
    const add = (target: Target): void => {
      const { address } = target;
      const before = targets.get(address);
      if (before !== undefined) {
        targets.set(address, { address, labels: sets.merge(before.labels, target.labels) });
      } else if (targets.size < MAX_TARGETS) targets.set(address, target);
      else leftOut++;
    };
    for (const entry of this.#entries()) {
      if ('address' in entry) add(entry);
      else {
        for (const address of this.names.addressesOf(entry.dns.text)) add({ address, labels: entry.labels });
      }
    }
    return { targets, leftOut };
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.names[Symbol.dispose]();
    this.#listeners.clear();
  }
}
