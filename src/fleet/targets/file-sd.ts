/** Targets in groups: the format of Prometheus's `file_sd` files and HTTP service discovery. */
import type { Target } from '../target.ts';
import type { Entries } from './entries.ts';
import { quoted, TargetsError } from './error.ts';
import { keyOf } from './labels.ts';

/** Targets with the same labels. */
export interface TargetGroup {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Returns the targets in the format of Prometheus's HTTP service discovery, which can also be read as a `file_sd`
 * file.
 */
export function httpSd(targets: Iterable<Target>): readonly TargetGroup[] {
  const groups = new Map<string, TargetGroup & { readonly targets: string[] }>();
  /** The keys of label objects, most of which are shared by many targets. */
  const keys = new Map<Target['labels'], string>();
  for (const { address, labels } of targets) {
    const key = keys.get(labels) ?? keyOf(labels);
    keys.set(labels, key);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { targets: [address], labels });
    else group.targets.push(address);
  }
  return [...groups.values()];
}

/** Parsing blocks the process for more than a second per MB. */
const MAX_YAML_MB = 2;

/** @throws TargetsError */
export function readYamlGroups(text: string, entries: Entries, { readYaml }: typeof import('#yaml')): void {
  const { file } = entries;
  if (text.length > MAX_YAML_MB * 2 ** 20) {
    const problem = `it is larger than ${MAX_YAML_MB} MB, which takes too long to read as YAML; write it as JSON, in a file whose name ends in .json`;
    throw new TargetsError('too-large', problem, { file, part: null });
  }
  const yaml = readYaml(text);
  if ('problem' in yaml) throw new TargetsError('syntax', yaml.problem, { file, part: null });
  readGroups(yaml.value, entries);
}

/** @throws TargetsError */
export function readJsonGroups(text: string, entries: Entries): void {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const line = text.slice(0, offsetOfMistake(text)).split('\n').length;
    const place = { file: entries.file, part: `line ${line}` };
    throw new TargetsError('syntax', 'it is not valid JSON here; correct it', place, { cause });
  }
  readGroups(value, entries);
}

/** A JSON token and the space before it: a string, another scalar, or punctuation. */
const TOKEN = /\s*(?:("(?:[^"\\\n]|\\.)*")|([-+.\w]+)|([[\]{},:]))/y;

/** The token that JSON allows next. */
type Expected = 'value' | 'value or end' | 'key' | 'key or end' | 'colon' | 'comma or end';

/** The offset at which a text stops being valid JSON. Not every runtime's error has it. */
function offsetOfMistake(text: string): number {
  const open: string[] = [];
  let expected: Expected = 'value';
  TOKEN.lastIndex = 0;
  for (let at = 0; ; at = TOKEN.lastIndex) {
    const [, string, scalar, mark] = TOKEN.exec(text) ?? [];
    const isList = open.at(-1) === '[';
    const isText = string !== undefined && isJson(string);
    const isScalar = isText || (scalar !== undefined && isJson(scalar));
    if (expected.startsWith('value') && (isScalar || mark === '[' || mark === '{')) {
      if (mark !== undefined) open.push(mark);
      expected = mark === '[' ? 'value or end' : mark === '{' ? 'key or end' : 'comma or end';
    } else if (expected.startsWith('key') && isText) expected = 'colon';
    else if (expected === 'colon' && mark === ':') expected = 'value';
    else if (expected === 'comma or end' && mark === ',' && open.length > 0)
      expected = isList ? 'value' : 'key';
    else if (expected.endsWith('end') && open.length > 0 && mark === (isList ? ']' : '}')) {
      open.pop();
      expected = 'comma or end';
    } else return at + (/^\s*/.exec(text.slice(at))?.[0].length ?? 0);
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const KEYS = ['targets', 'labels'];
const ADVICE = 'write groups as [{"targets": ["HOST", …], "labels": {"NAME": "VALUE", …}}, …]';

/** The entries of a JSON object or a YAML map; null for any other value. */
function entriesOf(value: unknown): readonly (readonly [key: unknown, value: unknown])[] | null {
  if (value instanceof Map) return [...value];
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? Object.entries(value) : null;
}

/** True for a key without a value. */
function isUnset(value: unknown): boolean {
  return value === null || value === '';
}

/** Describes a value that should be a string, for messages. */
function shown(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return Array.isArray(value) ? 'a list' : 'a map';
}

/**
 * @param value - objects as JSON or as maps
 * @throws TargetsError
 */
function readGroups(value: unknown, entries: Entries): void {
  if (isUnset(value)) return;
  if (!Array.isArray(value)) {
    const problem = `it is not a list of groups; ${ADVICE}`;
    throw new TargetsError('structure', problem, { file: entries.file, part: null });
  }
  value.forEach((group: unknown, index) => {
    readGroup(group, index + 1, entries);
  });
}

function readGroup(value: unknown, number: number, entries: Entries): void {
  const mistake = (problem: string): TargetsError =>
    new TargetsError('structure', problem, entries.placeOf(number));
  const pairs = entriesOf(value);
  if (pairs === null) throw mistake(`it is not a group of targets; ${ADVICE}`);
  const group = new Map(pairs);
  for (const key of group.keys()) {
    if (!KEYS.includes(String(key))) {
      throw mistake(
        `the key ${quoted(String(key))} is not known; the keys of a group are: ${KEYS.join(', ')}`,
      );
    }
  }
  const [targets, labels] = [group.get('targets'), group.get('labels') ?? ''];
  const addresses: unknown = isUnset(targets) ? [] : targets;
  if (!Array.isArray(addresses)) throw mistake('it has no list of targets; write "targets": ["HOST", …]');
  const named = isUnset(labels) ? [] : entriesOf(labels);
  if (named === null) throw mistake('its labels are not a map; write "labels": {"NAME": "VALUE", …}');
  const textOf = (what: string, each: unknown): string => {
    if (typeof each === 'string') return each;
    throw mistake(`its ${what} have ${shown(each)}, which is not a string; put it in quotes`);
  };
  const shared = entries.labels(
    named.map(([name, each]) => [textOf('labels', name), textOf('labels', each)] as const),
    number,
  );
  for (const address of addresses) entries.add(textOf('targets', address), shared, number);
}
