/** Where the picture of who follows whom has its nodes. Pure: no element of the page is needed. */
import type { SourceUse, Topology } from '../../../fleet/row.ts';

/** A source in the picture. Lengths are pixels. */
export interface PictureNode {
  readonly source: SourceUse;
  readonly name: string;
  /** Its center. */
  readonly x: number;
  readonly y: number;
  /** The area grows with the number of followers. */
  readonly radius: number;
  readonly isInLoop: boolean;
  readonly isInIsland: boolean;
  /** How many clocks follow it that have no node of their own. */
  readonly others: number;
}

/** From a source to a follower that is a source itself. */
export interface PictureEdge {
  readonly from: PictureNode;
  readonly to: PictureNode;
  readonly isLoop: boolean;
}

export interface PictureLayer {
  /** Null for sources whose stratum is not known. */
  readonly stratum: number | null;
  readonly top: number;
  readonly height: number;
}

export interface Picture {
  readonly layers: readonly PictureLayer[];
  readonly nodes: readonly PictureNode[];
  readonly edges: readonly PictureEdge[];
  readonly width: number;
  readonly height: number;
  /** How many sources that clocks follow have no node. */
  readonly leftOut: number;
}

/** The room of a node: a circle, and below it a name, two lines of text, and the bubble of its other followers. */
export const CELL_WIDTH = 148;
const CELL_HEIGHT = 156;
const LARGEST_RADIUS = 26;
const SMALLEST_RADIUS = 7;
/** The title of a layer is above its nodes. */
const TITLE_HEIGHT = 28;
const LAYER_GAP = 12;

/** What the source is called in the picture. */
export function nameOf({ address, name }: SourceUse): string {
  return name ?? address;
}

function members(groups: Topology['loops']): ReadonlySet<string> {
  return new Set(groups.flat());
}

/** The sources of the picture, the most important first: suspects, loops and islands, then by followers. */
function chosenSources({ sources, loops, islands }: Topology, most: number): [SourceUse[], number] {
  const special = new Set([...members(loops), ...members(islands)]);
  const rank = ({ isSuspect, target }: SourceUse): number =>
    isSuspect ? 2 : target !== null && special.has(target) ? 1 : 0;
  const shown = sources
    .filter((source) => source.followers.length > 0 || rank(source) > 0)
    .sort((a, b) => rank(b) - rank(a) || b.followers.length - a.followers.length);
  return [shown.slice(0, most), Math.max(0, shown.length - most)];
}

function compareStrata(a: number | null, b: number | null): number {
  return (a ?? Number.POSITIVE_INFINITY) - (b ?? Number.POSITIVE_INFINITY);
}

/**
 * @param width - of the picture
 * @param most - how many nodes there may be
 */
export function layoutPicture(topology: Topology, width: number, most: number): Picture {
  const [chosen, leftOut] = chosenSources(topology, most);
  const inLoop = members(topology.loops);
  const inIsland = members(topology.islands);
  const byTarget = new Map(
    chosen.flatMap((source) => (source.target === null ? [] : [[source.target, source]])),
  );
  const largest = chosen.reduce((count, { followers }) => Math.max(count, followers.length), 1);
  const columns = Math.max(1, Math.floor(width / CELL_WIDTH));
  const layers: PictureLayer[] = [];
  const placed = new Map<SourceUse, PictureNode>();
  let top = 0;
  for (const stratum of [...new Set(chosen.map((source) => source.stratum))].sort(compareStrata)) {
    const inLayer = chosen.filter((source) => source.stratum === stratum);
    const parents = parentsOf(inLayer, placed);
    inLayer.sort((a, b) => (parents.get(a) ?? width / 2) - (parents.get(b) ?? width / 2));
    const lines = Math.ceil(inLayer.length / columns);
    const perLine = Math.ceil(inLayer.length / lines);
    for (const [i, source] of inLayer.entries()) {
      const line = Math.floor(i / perLine);
      const inLine = Math.min(perLine, inLayer.length - line * perLine);
      const { target, followers } = source;
      placed.set(source, {
        source,
        name: nameOf(source),
        x: (width * ((i % perLine) + 0.5)) / inLine,
        y: top + TITLE_HEIGHT + line * CELL_HEIGHT + LARGEST_RADIUS + 2,
        radius: SMALLEST_RADIUS + (LARGEST_RADIUS - SMALLEST_RADIUS) * Math.sqrt(followers.length / largest),
        isInLoop: target !== null && inLoop.has(target),
        isInIsland: target !== null && inIsland.has(target),
        others: followers.filter((each) => !byTarget.has(each)).length,
      });
    }
    const height = TITLE_HEIGHT + lines * CELL_HEIGHT;
    layers.push({ stratum, top, height });
    top += height + LAYER_GAP;
  }
  const nodes = [...placed.values()];
  return {
    layers,
    nodes,
    edges: edgesOf(nodes, byTarget, placed, topology.loops),
    width,
    height: Math.max(0, top - LAYER_GAP),
    leftOut,
  };
}

/** Of each source, the middle of the sources above that it follows: below them its edges are short. */
function parentsOf(
  sources: readonly SourceUse[],
  placed: ReadonlyMap<SourceUse, PictureNode>,
): ReadonlyMap<SourceUse, number> {
  const targets = new Map(sources.flatMap((each) => (each.target === null ? [] : [[each.target, each]])));
  const found = new Map<SourceUse, number>();
  for (const [parent, { x }] of placed) {
    for (const follower of parent.followers) {
      const source = targets.get(follower);
      // a clock follows one source
      if (source !== undefined) found.set(source, x);
    }
  }
  return found;
}

function edgesOf(
  nodes: readonly PictureNode[],
  byTarget: ReadonlyMap<string, SourceUse>,
  placed: ReadonlyMap<SourceUse, PictureNode>,
  loops: Topology['loops'],
): PictureEdge[] {
  return nodes.flatMap((from) =>
    from.source.followers.flatMap((follower) => {
      const source = byTarget.get(follower);
      const to = source && placed.get(source);
      if (to === undefined) return [];
      const { target } = from.source;
      const isLoop =
        target !== null && loops.some((loop) => loop.includes(target) && loop.includes(follower));
      return [{ from, to, isLoop }];
    }),
  );
}
