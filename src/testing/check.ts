/** Checks the names in a scenario. An unknown name is refused, because it would be ignored otherwise. */
import { adviceFor, checkKeys } from '../util/suggestion.ts';
import { checkFaults } from './faults.ts';
import { client, manualSamples } from './presets.ts';
import { requestKinds } from './requests.ts';
import type { Scenario } from './scenario.ts';
import { scenarios } from './scenarios.ts';
import { ntpSource } from './sources.ts';

const names: readonly string[] = [...new Set(requestKinds.flatMap(({ reports }) => [...reports]))];

/** The allowed values of properties that have only a few. */
const values = {
  serverStatsReply: [14, 22, 24, 25],
  ntpDataReply: [16, 26],
  timeBits: [32, 64],
} as const satisfies Partial<Record<keyof Scenario, readonly number[]>>;

/**
 * Checks the properties of a scenario, of its parts and of the entries of its lists.
 *
 * @param where - the function that received the scenario, for the error message
 * @throws TypeError for a property that does not exist, is missing, or is not an object or a list as expected;
 * RangeError for a value out of range.
 */
export function checkNames(scenario: Scenario, where: string): void {
  const pattern = scenarios.synchronized();
  checkKeys(scenario, Object.keys(pattern), where);
  for (const key of Object.keys(pattern) as (keyof Scenario)[]) {
    const [value, usual] = [scenario[key], pattern[key]];
    if (value === undefined)
      throw new TypeError(`${where}: ${key} is missing; make scenarios with scenario()`);
    if (value === null && (key === 'rtc' || key === 'smoothing' || key === 'clients')) continue;
    if (Array.isArray(usual)) checkList(value, where, key);
    else if (typeof usual === 'object') checkKeys(value, Object.keys(usual ?? {}), where, key);
  }
  checkEntries(scenario.sources, ntpSource('192.0.2.1'), where, 'sources');
  checkEntries(scenario.clients ?? [], client('192.0.2.1'), where, 'clients');
  checkEntries(scenario.manualSamples, manualSamples()[0] ?? {}, where, 'manualSamples');
  for (const key of ['unauthorized', 'unknown'] as const) {
    for (const name of scenario[key]) {
      if (names.includes(name)) continue;
      throw new TypeError(
        `${where}: unknown name '${name}' in ${key}; ${adviceFor(name, names, 'the names are')}`,
      );
    }
  }
  for (const [key, numbers] of Object.entries(values)) {
    const value = scenario[key as keyof typeof values];
    if ((numbers as readonly number[]).includes(value)) continue;
    throw new RangeError(`${where}: ${key} is one of ${numbers.join(', ')}, not ${String(value)}`);
  }
  checkFaults(scenario.faults, where);
}

function checkList(value: unknown, where: string, path: string): void {
  if (!Array.isArray(value)) throw new TypeError(`${where}: ${path} takes an array, not ${String(value)}`);
}

/** Checks the properties of each entry of a list, one level deep, against those of a pattern entry. */
function checkEntries(entries: readonly object[], pattern: object, where: string, list: string): void {
  const parts = Object.entries(pattern).filter(([, part]) => typeof part === 'object' && part !== null);
  // a name is optional
  const known = list === 'sources' ? [...Object.keys(pattern), 'name'] : Object.keys(pattern);
  for (const [index, entry] of entries.entries()) {
    const path = `${list}[${index}]`;
    checkKeys(entry, known, where, path);
    for (const [key, part] of parts) {
      const value = (entry as Readonly<Record<string, unknown>>)[key];
      if (value !== null) checkKeys(value, Object.keys(part), where, `${path}.${key}`);
    }
  }
}
