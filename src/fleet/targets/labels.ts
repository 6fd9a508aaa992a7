/** Checks the labels of targets, and shares one object among all targets with equal labels. */
import type { Target } from '../target.ts';
import { hasControl, type Place, quoted, TargetsError } from './error.ts';

type Labels = Target['labels'];

/** The maximum number of labels of a target. */
const MAX_LABELS = 64;
const MAX_NAME = 128;
const MAX_VALUE = 1024;

const NAME = /^[a-z_]\w*$/i;

/** The prefix of labels that are reserved for Prometheus and are not labels of the target. */
const META = '__';

/** @throws TargetsError if the name or the value of a label is invalid */
function check(name: string, value: string, place: Place): void {
  const fail = (problem: string): never => {
    throw new TargetsError('label', problem, place);
  };
  if (!NAME.test(name)) {
    fail(`${quoted(name)} is not a valid label name; use letters, digits and _, and no digit first`);
  }
  if (name.length > MAX_NAME)
    fail(`the label ${quoted(name)} has a name longer than ${MAX_NAME} characters; shorten it`);
  if (value.length > MAX_VALUE)
    fail(`the label ${name} has a value longer than ${MAX_VALUE} characters; shorten it`);
  if (hasControl(value)) fail(`the label ${name} has a control character in its value; remove it`);
}

/** Sorted by name, so that equal labels are equal as JSON. Without a prototype: a label may be named `constructor`. */
function sorted(entries: Iterable<readonly [name: string, value: string]>): Labels {
  const labels: Record<string, string> = Object.create(null);
  for (const [name, value] of [...entries].sort(([a], [b]) => (a < b ? -1 : 1))) labels[name] = value;
  return labels;
}

/** Returns a text that is the same for equal labels. */
export function keyOf(labels: Labels): string {
  return JSON.stringify(sorted(Object.entries(labels)));
}

/** True if the names and values are equal. @param a - labels made by this module, like `b` */
export function areSame(a: Labels, b: Labels): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

/** Shares label objects, because most of 100 000 targets have the same labels as many others. */
export class LabelSets {
  readonly #sets = new Map<string, Labels>();

  /**
   * Reads labels. Meta labels and empty labels are left out, as in Prometheus.
   *
   * @throws TargetsError
   */
  read(entries: Iterable<readonly [name: string, value: string]>, place: Place): Labels {
    const labels = new Map<string, string>();
    for (const [name, value] of entries) {
      if (name.startsWith(META)) continue;
      check(name, value, place);
      if (labels.has(name)) {
        throw new TargetsError('label', `the label ${name} is given twice; remove one`, place);
      }
      labels.set(name, value);
    }
    if (labels.size > MAX_LABELS) {
      throw new TargetsError('label', `a target has more than ${MAX_LABELS} labels; remove some`, place);
    }
    return this.#one([...labels].filter(([, value]) => value !== ''));
  }

  /** Merges two sets of labels. Where they differ, the second one wins. */
  merge(one: Labels, other: Labels): Labels {
    return one === other ? one : this.#one([...new Map([...Object.entries(one), ...Object.entries(other)])]);
  }

  #one(entries: readonly (readonly [name: string, value: string])[]): Labels {
    const labels = sorted(entries);
    const key = JSON.stringify(labels);
    const same = this.#sets.get(key);
    if (same !== undefined) return same;
    this.#sets.set(key, labels);
    return labels;
  }
}
