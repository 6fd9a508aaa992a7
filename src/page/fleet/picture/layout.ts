/** Computes the layout of the picture of who follows whom. It is pure and needs no page elements. */
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
  /** The position of its name, which is the same for all nodes of a line. */
  readonly nameY: number;
  readonly isInLoop: boolean;
  readonly isInIsland: boolean;
  /** The number of its followers that do not have their own nodes. */
  readonly others: number;
}

/** An edge from a source to a follower that is itself a source. */
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
  /** The number of followed sources without a node. */
  readonly leftOut: number;
}

/** The size of a node: a circle, lines of text below it, and the bubble of its other followers. */
export const CELL_WIDTH = 160;
export const LINE_HEIGHT = 16;
export const BUBBLE_HEIGHT = 20;
const LARGEST_RADIUS = 24;
const SMALLEST_RADIUS = 7;
/** Above and below a line of nodes. */
const MARGIN = 10;
/** The width of a layer's title, which is beside the nodes if there is room, and otherwise above them. */
const TITLE_WIDTH = 120;
const TITLE_HEIGHT = 24;
const LEAST_WIDTH_BESIDE = 640;
const LAYER_GAP = 12;

/** The name of a source in the picture. */
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
 * @param width - the width of the picture
 * @param most - the maximum number of nodes
 */
export function layoutPicture(topology: Topology, width: number, most: number): Picture {
  const [chosen, leftOut] = chosenSources(topology, most);
  const inLoop = members(topology.loops);
  const inIsland = members(topology.islands);
  const byTarget = new Map(
    chosen.flatMap((source) => (source.target === null ? [] : [[source.target, source]])),
  );
  const largest = chosen.reduce((count, { followers }) => Math.max(count, followers.length), 1);
  const isBeside = width >= LEAST_WIDTH_BESIDE;
  const left = isBeside ? TITLE_WIDTH : 0;
  const room = width - left;
  const columns = Math.max(1, Math.floor(room / CELL_WIDTH));
  const layers: PictureLayer[] = [];
  const placed = new Map<SourceUse, PictureNode>();
  let y = 0;
  for (const stratum of [...new Set(chosen.map((source) => source.stratum))].sort(compareStrata)) {
    const inLayer = belowParents(
      chosen.filter((source) => source.stratum === stratum),
      placed,
    );
    const top = y;
    y += isBeside ? 0 : TITLE_HEIGHT;
    const perLine = Math.ceil(inLayer.length / Math.ceil(inLayer.length / columns));
    for (let start = 0; start < inLayer.length; start += perLine) {
      const line = inLayer.slice(start, start + perLine).map((source, i, { length }): PictureNode => {
        const { target, followers } = source;
        return {
          source,
          name: nameOf(source),
          x: left + (room * (i + 0.5)) / length,
          y: y + MARGIN + LARGEST_RADIUS,
          radius:
            SMALLEST_RADIUS + (LARGEST_RADIUS - SMALLEST_RADIUS) * Math.sqrt(followers.length / largest),
          nameY: y + MARGIN + 2 * LARGEST_RADIUS + LINE_HEIGHT,
          isInLoop: target !== null && inLoop.has(target),
          isInIsland: target !== null && inIsland.has(target),
          others: followers.filter((each) => !byTarget.has(each)).length,
        };
      });
      for (const node of line) placed.set(node.source, node);
      y = Math.max(...line.map(bottomOf)) + MARGIN;
    }
    layers.push({ stratum, top, height: y - top });
    y += LAYER_GAP;
  }
  const nodes = [...placed.values()];
  return {
    layers,
    nodes,
    edges: edgesOf(nodes, byTarget, placed, topology.loops),
    width,
    height: Math.max(0, y - LAYER_GAP),
    leftOut,
  };
}

/** The lines below a node's name: its followers, and its marks. */
function linesOf({ source: { isSuspect }, isInLoop, isInIsland }: PictureNode): number {
  return 1 + Number(isSuspect) + Number(isInLoop || isInIsland);
}

/** The top of the bubble of a node's other followers. */
export function bubbleTop(node: PictureNode): number {
  return node.nameY + linesOf(node) * LINE_HEIGHT + 8;
}

/** The bottom of a node with all its parts. */
export function bottomOf(node: PictureNode): number {
  return node.others === 0 ? bubbleTop(node) : bubbleTop(node) + BUBBLE_HEIGHT;
}

/** Orders the sources of a layer: each below the source that it follows if that is shown, the others on both sides. */
function belowParents(
  sources: readonly SourceUse[],
  placed: ReadonlyMap<SourceUse, PictureNode>,
): readonly SourceUse[] {
  const parents = parentsOf(sources, placed);
  const others = sources.filter((source) => !parents.has(source));
  return [
    ...others.filter((_, i) => i % 2 === 1).reverse(),
    ...sources
      .filter((source) => parents.has(source))
      .sort((a, b) => (parents.get(a) ?? 0) - (parents.get(b) ?? 0)),
    ...others.filter((_, i) => i % 2 === 0),
  ];
}

/** The center of the sources above that each source follows. Placed below it, a source has short edges. */
function parentsOf(
  sources: readonly SourceUse[],
  placed: ReadonlyMap<SourceUse, PictureNode>,
): ReadonlyMap<SourceUse, number> {
  const targets = new Map(sources.flatMap((each) => (each.target === null ? [] : [[each.target, each]])));
  const found = new Map<SourceUse, number>();
  for (const [parent, { x }] of placed) {
    for (const follower of parent.followers) {
      const source = targets.get(follower);
      // a clock follows only one source
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
