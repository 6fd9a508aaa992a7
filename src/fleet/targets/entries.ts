/** Collects the targets of one file while it is read. */
import type { Target } from '../target.ts';
import { type DnsName, readAddress } from './address.ts';
import { type Place, quoted, TargetsError } from './error.ts';
import { areSame, LabelSets } from './labels.ts';

/** A DNS name, and the labels of its targets. */
export interface DnsEntry extends Pick<Target, 'labels'> {
  readonly dns: DnsName;
}

export type Entry = Target | DnsEntry;

/** The maximum number of targets of a fleet. */
export const MAX_TARGETS = 100_000;

/** The unit of positions in a file. */
type Part = 'line' | 'group';

export class Entries {
  readonly file: string;
  readonly #part: Part;
  readonly #labels = new LabelSets();
  /** The entries by address, or by the text of the DNS name, each with the number of its line or group. */
  readonly #entries = new Map<string, { readonly entry: Entry; readonly number: number }>();

  constructor(file: string, part: Part) {
    this.file = file;
    this.#part = part;
  }

  /** All entries, in the order in which they were added. */
  list(): readonly Entry[] {
    return Array.from(this.#entries.values(), ({ entry }) => entry);
  }

  /** @param number - the number of the line or group, from 1 */
  placeOf(number: number): Place {
    return { file: this.file, part: `${this.#part} ${number}` };
  }

  /** @throws TargetsError */
  labels(entries: Iterable<readonly [name: string, value: string]>, number: number): Target['labels'] {
    return this.#labels.read(entries, this.placeOf(number));
  }

  /** @throws TargetsError */
  add(text: string, labels: Target['labels'], number: number): void {
    const place = this.placeOf(number);
    const address = readAddress(text, place);
    const key = typeof address === 'string' ? address : address.text;
    const same = this.#entries.get(key);
    if (same !== undefined && !areSame(same.entry.labels, labels)) {
      const problem = `${quoted(text)} is also in ${this.#part} ${same.number}, with other labels; remove one of the two`;
      throw new TargetsError('duplicate', problem, place);
    }
    if (same !== undefined) return;
    if (this.#entries.size === MAX_TARGETS) {
      const problem = `there are more than ${MAX_TARGETS} targets; divide them among several processes`;
      throw new TargetsError('too-large', problem, place);
    }
    const entry = typeof address === 'string' ? { address, labels } : { dns: address, labels };
    this.#entries.set(key, { entry, number });
  }
}
