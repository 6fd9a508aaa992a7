/** The sources of a clock as a row keeps them: few, and each that many clocks have only once in memory. */
import type { Source } from 'chrony-wasm';
import type { SourceRow } from './row.ts';

/** Of how many sources a row tells. */
export const MAX_SOURCE_ROWS = 64;

/** The sources that are kept: the selected one is among them. */
export function keptSources(sources: readonly Source[]): readonly Source[] {
  if (sources.length <= MAX_SOURCE_ROWS) return sources;
  const selected = sources.findIndex((source) => source.isSelected());
  if (selected < MAX_SOURCE_ROWS) return sources.slice(0, MAX_SOURCE_ROWS);
  return [...sources.slice(0, MAX_SOURCE_ROWS - 1), ...sources.slice(selected, selected + 1)];
}

/** More than a fleet has of honest ones. */
const MAX_KEPT = 65_536;

/** Gives the same object for the same content. */
export class SourceRows {
  readonly #rows = new Map<string, SourceRow>();

  /**
   * @param names - by address
   * @param before - is returned if nothing has changed
   */
  of(
    sources: readonly Source[],
    names: ReadonlyMap<string, string>,
    before: readonly SourceRow[] | null,
  ): readonly SourceRow[] {
    const rows = keptSources(sources).map((source) => this.#row(source, names.get(source.address) ?? null));
    return before?.length === rows.length && rows.every((row, i) => row === before[i]) ? before : rows;
  }

  #row(source: Source, name: string | null): SourceRow {
    const { address, mode, state, stratum } = source;
    const isReachable = source.isReachable();
    const key = [mode, state, stratum, isReachable, address, name ?? ''].join('\n');
    let row = this.#rows.get(key);
    if (row === undefined) {
      const isReferenceClock = mode === 'reference clock';
      row = { address, name, isReferenceClock, state, stratum, isReachable };
      // rows that are in use stay where they are
      if (this.#rows.size >= MAX_KEPT) this.#rows.clear();
      this.#rows.set(key, row);
    }
    return row;
  }
}
