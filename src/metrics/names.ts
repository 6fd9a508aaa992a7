/** The names of sources in chronyd's configuration, for labels. */
import { reportIn } from './family.ts';
import type { Snapshot } from './snapshot.ts';

/** By the sources' addresses. Empty if chronyd does not give names, or the snapshot has no sources. */
type Names = ReadonlyMap<string, string>;

/** Made once for all metrics of a snapshot. */
const made = new WeakMap<Snapshot, Names>();

export function configuredNames(snapshot: Snapshot): Names {
  const known = made.get(snapshot);
  if (known !== undefined) return known;
  const sources = reportIn(snapshot, 'sources') ?? [];
  const names = new Map(sources.flatMap(({ address, name }) => (name === null ? [] : [[address, name]])));
  made.set(snapshot, names);
  return names;
}
