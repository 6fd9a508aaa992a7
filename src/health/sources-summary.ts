/** The data by which a clock's sources are judged: a few numbers, which can be kept longer than the reports. */
import {
  type AuthData,
  AuthMode,
  type SelectData,
  SelectState,
  type Source,
  SourceState,
} from '../reports/index.ts';
import { MAX_AGE_SECONDS } from './thresholds.ts';

/** The sources of a clock at one moment. */
export interface SourcesSummary {
  /** The figures of the same names in `HealthFigures`. */
  readonly sources: number;
  readonly reachableSources: number;
  readonly selectableSources: number;
  readonly falsetickers: number;
  readonly selected: string | null;
  readonly pollInterval: number | null;
  /** The states in the report `selectdata`; null if chronyd refuses it. */
  readonly selectStates: ReadonlySet<SelectState> | null;
  /** The record of the NTS source with the fewest cookies; null if there is none, or chronyd refuses the report. */
  readonly leastCookies: AuthData | null;
  /**
   * The time after the last update of the clock, in seconds, during which chronyd may lack a measurement to select a
   * source. The first measurement after the update may be older than the loss of the selected source; a second one
   * cannot be. Negative if chronyd does not wait for a measurement.
   */
  readonly longestWait: number;
}

export const UNKNOWN_SOURCES: SourcesSummary = {
  sources: 0,
  reachableSources: 0,
  selectableSources: 0,
  falsetickers: 0,
  selected: null,
  pollInterval: null,
  selectStates: null,
  leastCookies: null,
  longestWait: 0,
};

/**
 * Summarizes reports of one moment.
 *
 * @param selectData - null if chronyd refuses it
 * @param authData - null if chronyd refuses it
 */
export function summarizeSources(
  sources: readonly Source[],
  selectData: readonly SelectData[] | null,
  authData: readonly AuthData[] | null,
): SourcesSummary {
  const selected = sources.find((source) => source.isSelected());
  return {
    sources: sources.length,
    reachableSources: count(sources, (source) => source.isReachable()),
    selectableSources:
      selectData === null
        ? count(sources, ({ state }) => SELECTABLE_SOURCE.has(state))
        : count(selectData, ({ state }) => SELECTABLE.has(state)),
    falsetickers: count(sources, ({ state }) => state === SourceState.FALSETICKER),
    selected: selected?.address ?? null,
    pollInterval: selected === undefined ? null : Math.min(2 ** selected.poll, MAX_AGE_SECONDS),
    selectStates: selectData && new Set(selectData.map(({ state }) => state)),
    leastCookies: authData && leastCookies(sources, authData),
    longestWait: sources.reduce((longest, source) => Math.max(longest, waitFor(source)), NEVER),
  };
}

function count<T>(records: readonly T[], isCounted: (record: T) => boolean): number {
  let counted = 0;
  for (const record of records) if (isCounted(record)) counted++;
  return counted;
}

const SELECTABLE_SOURCE: ReadonlySet<SourceState> = new Set([
  SourceState.SELECTED,
  SourceState.UNSELECTED,
  SourceState.SELECTABLE,
]);

const SELECTABLE: ReadonlySet<SelectState> = new Set([
  SelectState.BEST,
  SelectState.COMBINED,
  SelectState.LARGE_DISTANCE,
  SelectState.NOT_PREFERRED,
  SelectState.WAITING_FOR_UPDATE,
  SelectState.MISSING_SELECTABLE_SOURCES,
]);

/** Returns the source with the fewest NTS cookies. Sources that do not answer count only if none is selected. */
function leastCookies(sources: readonly Source[], authData: readonly AuthData[]): AuthData | null {
  const isSelected = sources.some((source) => source.isSelected());
  const answering = new Set(sources.filter((source) => source.isReachable()).map(({ address }) => address));
  return authData
    .filter(({ mode, address }) => mode === AuthMode.NTS && (!isSelected || answering.has(address)))
    .reduce<AuthData | null>(
      (least, each) => (least === null || each.cookies < least.cookies ? each : least),
      null,
    );
}

const NEVER = Number.NEGATIVE_INFINITY;

function waitFor({ state, lastSampleAgo, poll }: Source): number {
  return state === SourceState.SELECTABLE && lastSampleAgo !== null ? lastSampleAgo + 2 ** poll : NEVER;
}
