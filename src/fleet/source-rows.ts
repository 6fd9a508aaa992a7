/** The sources of a clock in its row. Their number is limited, and clocks share the objects of equal sources. */
import type { Source } from 'chrony-wasm';
import type { SourceRow } from './row.ts';

/** The maximum number of sources in a row. */
export const MAX_SOURCE_ROWS = 64;

/** Returns the sources that are kept. The selected source is among them. */
export function keptSources(sources: readonly Source[]): readonly Source[] {
  if (sources.length <= MAX_SOURCE_ROWS) return sources;
  const selected = sources.findIndex((source) => source.isSelected());
  if (selected < MAX_SOURCE_ROWS) return sources.slice(0, MAX_SOURCE_ROWS);
  return [...sources.slice(0, MAX_SOURCE_ROWS - 1), ...sources.slice(selected, selected + 1)];
}

/** The maximum number of cached rows, which is more than an honest fleet has. */
const MAX_KEPT = 65_536;

/** Returns the same object for the same content. */
export class SourceRows {
  readonly #rows = new Map<string, SourceRow>();

  /**
   * @param names - by address
   * @param before - the previous rows, which are returned if nothing has changed
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
      // rows in use are kept alive by their clocks
      if (this.#rows.size >= MAX_KEPT) this.#rows.clear();
      this.#rows.set(key, row);
    }
    return row;
  }
}
