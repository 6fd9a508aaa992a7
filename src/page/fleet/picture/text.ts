/**
 * The texts about who follows whom: in the picture, in the equivalent list, and in the list of sources that are
 * probably wrong.
 */
import type { SourceUse, Topology } from '../../../fleet/row.ts';
import { clocks, number } from '../text.ts';
import { nameOf, type PictureNode } from './layout.ts';

export function stratumText(stratum: number | null): string {
  if (stratum === null) return 'Stratum not known';
  return stratum === 0 ? 'Reference clocks' : `Stratum ${stratum}`;
}

/** `312 followers` */
export function followersText(count: number): string {
  return `${number(count)} follower${count === 1 ? '' : 's'}`;
}

/** Shortens a long name to its beginning and end, because hosts of a fleet often differ at the end. */
export function shortened(name: string, longest: number): string {
  if (name.length <= longest) return name;
  const head = Math.ceil((longest - 1) / 2);
  return `${name.slice(0, head)}…${name.slice(name.length - (longest - 1 - head))}`;
}

/** The number of the source's users for which it is a falseticker, as text. */
export function falsetickerText({ falseticker, users }: SourceUse): string {
  return `${number(falseticker)} of ${clocks(users)} that ${users === 1 ? 'has' : 'have'} it as a source ${falseticker === 1 ? 'calls' : 'call'} it a falseticker`;
}

/** The marks of a node as text. */
export function marksOf({ source, isInLoop, isInIsland }: PictureNode): string[] {
  return [
    ...(source.isSuspect ? ['probably wrong'] : []),
    ...(isInLoop ? ['in a loop'] : []),
    ...(isInIsland && !isInLoop ? ['in an island'] : []),
  ];
}

/** Describes a node in a sentence, for screen readers. */
export function nodeText(node: PictureNode, followers: readonly PictureNode[]): string {
  const { source, others } = node;
  const { address, name, target, isSuspect, unreachable, users } = source;
  const isNamed = name !== null && name !== address;
  const names = [...followers.map(({ name: each }) => each), ...(others === 0 ? [] : [othersText(others)])];
  return [
    `${nameOf(source)}${isNamed ? ` (${address})` : ''}, ${stratumText(source.stratum).toLowerCase()}`,
    ...(target === null || target === address || target === name ? [] : [`, the target ${target}`]),
    `: ${source.followers.length === 0 ? 'no clock follows it' : `${followersText(source.followers.length)}: ${names.join(', ')}`}.`,
    ...(isSuspect ? [` It is probably wrong: ${falsetickerText(source)}.`] : []),
    ...(node.isInLoop ? [' It is in a loop.'] : []),
    ...(node.isInIsland ? [' It is in an island.'] : []),
    ...(unreachable === 0 ? [] : [` ${number(unreachable)} of ${clocks(users)} cannot reach it.`]),
  ].join('');
}

/** The number of followers that are not sources themselves, as text. */
export function othersText(count: number): string {
  return `+${clocks(count)}`;
}

/** The warnings about loops and islands, one sentence each. */
export function warningsOf({ loops, islands }: Topology): string[] {
  return [
    ...loops.map(
      (loop) =>
        `Loop: ${listed(loop)} follow each other in a circle. None of them knows how far it is off from true time.`,
    ),
    ...islands.map(
      (island) =>
        `Island: ${listed(island)} follow only each other, and nothing outside. They may agree and all be wrong.`,
    ),
  ];
}

const MOST_NAMED = 6;

/** Joins names: `a, b and c`. Only the first of many names are listed. */
function listed(names: readonly string[]): string {
  if (names.length > MOST_NAMED) {
    return `${names.slice(0, MOST_NAMED).join(', ')} and ${number(names.length - MOST_NAMED)} more`;
  }
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** A source is listed if it is a falseticker for at least this number of clocks. */
const LEAST_FALSETICKER = 2;

/** Sources that clocks call falsetickers: probably wrong sources first, then by the number of clocks. */
export function falsetickersOf({ sources }: Topology): SourceUse[] {
  return sources
    .filter(({ falseticker, isSuspect }) => isSuspect || falseticker >= LEAST_FALSETICKER)
    .sort((a, b) => Number(b.isSuspect) - Number(a.isSuspect) || b.falseticker - a.falseticker);
}
