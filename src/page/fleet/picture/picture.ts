/** The views of who follows whom: a picture, an equivalent list, and the sources that are probably wrong. */
import { html, nothing, svg, type TemplateResult } from 'lit-html';
import type { SourceUse, Topology } from '../../../fleet/row.ts';
import { icon } from '../../view/icon.ts';
import type { Choose } from '../controls.ts';
import { clocks, number } from '../text.ts';
import type { ViewState } from '../view-state.ts';
import {
  BUBBLE_HEIGHT,
  bottomOf,
  bubbleTop,
  CELL_WIDTH,
  LINE_HEIGHT,
  nameOf,
  type Picture,
  type PictureEdge,
  type PictureNode,
} from './layout.ts';
import {
  falsetickersOf,
  falsetickerText,
  followersText,
  marksOf,
  nodeText,
  othersText,
  shortened,
  stratumText,
  warningsOf,
} from './text.ts';

/** Half of the width of a node with its texts. */
const HALF_ROOM = CELL_WIDTH / 2 - 4;
/** The approximate width of a letter. */
const LETTER = 7.3;
const LONGEST = Math.floor((2 * HALF_ROOM) / LETTER);

/** The path from a source down to its follower, or beside the nodes if the follower is not below. */
function pathOf({ from, to }: PictureEdge): string {
  const startY = bottomOf(from) + 4;
  const endY = to.y - to.radius;
  if (endY >= startY) {
    const bend = Math.max(12, (endY - startY) / 2);
    return `M${from.x} ${startY}C${from.x} ${startY + bend} ${to.x} ${endY - bend} ${to.x} ${endY}`;
  }
  const [startX, endX] = [from.x + HALF_ROOM, to.x + HALF_ROOM];
  const beside = Math.max(startX, endX) + 40;
  return `M${startX} ${from.y}C${beside} ${from.y} ${beside} ${to.y} ${endX} ${to.y}`;
}

function edgeView(edge: PictureEdge): TemplateResult {
  return svg`<path class="edge" d=${pathOf(edge)} ?data-loop=${edge.isLoop} />`;
}

function nodeView(
  node: PictureNode,
  followers: readonly PictureNode[],
  isChosen: boolean,
  isStop: boolean,
  choose: Choose,
): TemplateResult {
  const { source, name, x, y, radius, others } = node;
  const marks = marksOf(node);
  const onChoose = (): void => choose({ follows: isChosen ? null : source.address });
  const onKeydown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    onChoose();
  };
  const text = nodeText(node, followers);
  const lines = [shortened(name, LONGEST), followersText(source.followers.length), ...marks];
  const [top, bubbleY] = [y - radius - 4, bubbleTop(node)];
  return svg`<g class="node" role="button" tabindex=${isStop ? 0 : -1} aria-pressed=${isChosen}
    ?data-marked=${marks.length > 0} @click=${onChoose} @keydown=${onKeydown} @focus=${() => setStop(source)}>
    <title>${text}</title>
    <rect class="room" x=${x - HALF_ROOM} y=${top} width=${2 * HALF_ROOM} rx="8"
      height=${bottomOf(node) + 4 - top}></rect>
    <circle cx=${x} cy=${y} r=${radius}></circle>
    ${lines.map((line, i) => svg`<text class=${i === 0 ? 'name' : i === 1 ? 'followers' : 'mark'} x=${x} y=${node.nameY + i * LINE_HEIGHT}>${line}</text>`)}
    ${
      others === 0
        ? nothing
        : svg`<rect class="bubble" x=${x - 52} y=${bubbleY} width="104" height=${BUBBLE_HEIGHT} rx="10"></rect>
          <text class="others" x=${x} y=${bubbleY + 14.5}>${othersText(others)}</text>`
    }
  </g>`;
}

/** The address of the source that had the focus last. Its node is the tab stop. */
let stop: string | null = null;

function setStop({ address }: SourceUse): void {
  stop = address;
}

/** Arrow keys move the focus from node to node, along lines and across layers. */
function onKey(event: KeyboardEvent): void {
  const nodes = [...(event.currentTarget as Element).querySelectorAll<SVGElement>('.node')];
  const index = nodes.indexOf(event.target as SVGElement);
  const targets: Readonly<Record<string, number>> = {
    ArrowLeft: index - 1,
    ArrowUp: index - 1,
    ArrowRight: index + 1,
    ArrowDown: index + 1,
    Home: 0,
    End: nodes.length - 1,
  };
  const target = targets[event.key];
  if (target === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const next = nodes[Math.min(Math.max(target, 0), nodes.length - 1)];
  for (const node of nodes) node.setAttribute('tabindex', node === next ? '0' : '-1');
  next?.focus();
}

function followersIn(node: PictureNode, { edges }: Picture): PictureNode[] {
  return edges.filter(({ from }) => from === node).map(({ to }) => to);
}

function listView(picture: Picture, view: ViewState, choose: Choose): TemplateResult {
  return html`<details class="as-list">
    <summary>The same as a list</summary>
    <ul class="details">
      ${picture.nodes.map((node) => {
        const { source } = node;
        const isChosen = view.follows === source.address;
        return html`<li>${nodeText(node, followersIn(node, picture))}
          ${
            source.followers.length === 0
              ? nothing
              : html`<button type="button" class="filter" aria-pressed=${isChosen}
                @click=${() => choose({ follows: isChosen ? null : source.address })}>
                Show the followers<span class="unseen"> of ${nameOf(source)}</span></button>`
          }</li>`;
      })}
    </ul>
  </details>`;
}

/**
 * @param following - the number of clocks that follow a source
 * @param total - the number of all clocks
 * @param onSeeTable - moves to the table
 */
export function pictureView(
  picture: Picture,
  topology: Topology,
  counted: { readonly following: number; readonly total: number },
  view: ViewState,
  choose: Choose,
  onSeeTable: () => void,
): TemplateResult {
  const { layers, nodes, edges, width, height, leftOut } = picture;
  const nothingFollowed = counted.total - counted.following;
  const chosen = nodes.find(({ source }) => source.address === view.follows);
  const isThere = nodes.some(({ source }) => source.address === stop);
  const isStop = (node: PictureNode, i: number): boolean =>
    isThere ? node.source.address === stop : i === 0;
  return html`<h2 id="picture-heading">Who follows whom</h2>
    <p class="note">
      Sources by stratum; each clock follows one above it. The larger a circle, the more clocks follow it. Choose a source to
      see its followers in the table.
      ${leftOut === 0 ? nothing : `${number(leftOut)} more source${leftOut === 1 ? ' is' : 's are'} left out, which fewer clocks follow.`}
      ${nothingFollowed === 0 ? nothing : `${clocks(nothingFollowed)} ${nothingFollowed === 1 ? 'is' : 'are'} not known to follow anything.`}
    </p>
    ${warningsOf(topology).map((text) => html`<p class="warning" data-tone="warning">${icon('warning')} ${text}</p>`)}
    ${
      chosen === undefined
        ? nothing
        : html`<p class="chosen">The table shows the clocks that follow <strong>${chosen.name}</strong>.
          <button type="button" class="filter" @click=${onSeeTable}>Go to the table</button>
          <button type="button" class="filter" @click=${() => choose({ follows: null })}>Show all clocks</button></p>`
    }
    ${
      nodes.length === 0
        ? html`<p>The sources of the clocks are not known yet.</p>`
        : html`<div class="picture">
            <svg width=${width} height=${height} viewBox="0 0 ${width} ${height}" role="group"
              aria-label="Who follows whom: sources by stratum" @keydown=${onKey}>
              ${layers.map(
                ({
                  stratum,
                  top,
                  height: tall,
                }) => svg`<rect class="layer" x="0" y=${top} width=${width} height=${tall} rx="8"></rect>
                  <text class="stratum" x="12" y=${top + 20}>${stratumText(stratum)}</text>`,
              )}
              ${edges.map(edgeView)}
              ${nodes.map((node, i) =>
                nodeView(
                  node,
                  followersIn(node, picture),
                  view.follows === node.source.address,
                  isStop(node, i),
                  choose,
                ),
              )}
            </svg>
          </div>
          ${listView(picture, view, choose)}`
    }`;
}

const MOST_SUSPECTS = 8;

/** The sources that are falsetickers for several clocks; nothing if there are none. */
export function suspectsView(topology: Topology, choose: Choose): TemplateResult | typeof nothing {
  const suspects = falsetickersOf(topology);
  if (suspects.length === 0) return nothing;
  const left = suspects.length - MOST_SUSPECTS;
  return html`<div class="suspects" data-tone="critical">
    <h2 id="suspects-heading">Sources that clocks call falsetickers</h2>
    <ul>
      ${suspects.slice(0, MOST_SUSPECTS).map((source) => {
        const { followers, isSuspect, address, name } = source;
        const tone = isSuspect ? 'critical' : 'warning';
        return html`<li>
          <span class="state" data-tone=${tone}>${icon(tone)}${isSuspect ? 'Probably wrong' : 'Disputed'}</span>
          <strong>${nameOf(source)}</strong>${name === null || name === address ? nothing : html` <code>${address}</code>`}:
          ${falsetickerText(source)}.
          ${
            followers.length === 0
              ? 'No clock follows it.'
              : html`<button type="button" class="filter" @click=${() => choose({ follows: address })}>
                Show the ${followersText(followers.length)}<span class="unseen"> of ${nameOf(source)}</span></button>`
          }
        </li>`;
      })}
    </ul>
    ${left > 0 ? html`<p class="note">And ${number(left)} more, which fewer clocks call falsetickers.</p>` : nothing}
  </div>`;
}
