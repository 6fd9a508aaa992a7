/** The distributions of error bounds and offsets. A bar is a button that filters the table by its bin. */
import { html, type TemplateResult } from 'lit-html';
import type { Bin, Tally } from './bins.ts';
import { boundBinText, boundTick, offsetBinText, offsetTick } from './bins.ts';
import type { Choose } from './controls.ts';
import { clocks, number } from './text.ts';
import type { ViewState } from './view-state.ts';

interface Kind {
  readonly name: 'bound' | 'offset';
  readonly title: string;
  readonly note: string;
  text(bin: Bin): string;
  tick(bin: Bin, bins: number): string;
}

const BOUND: Kind = {
  name: 'bound',
  title: 'Error bounds',
  note: 'The maximum error of each clock. Each power of ten has two bars.',
  text: boundBinText,
  tick: boundTick,
};

const OFFSET: Kind = {
  name: 'offset',
  title: 'Offsets',
  note: 'The remaining correction: fast clocks on the left (−), slow clocks on the right (+). Each power of ten has one bar.',
  text: offsetBinText,
  tick: offsetTick,
};

/** The minimum height of a bar, so that one clock among ten thousand is visible. */
const LEAST_HEIGHT = 4;
const HEIGHT = 100;

/** Arrow keys move the focus from bar to bar. All bars together are one tab stop. */
function onKey(event: KeyboardEvent): void {
  const bars = [...(event.currentTarget as Element).querySelectorAll<HTMLElement>('.bar')];
  const index = bars.indexOf(event.target as HTMLElement);
  const targets: Readonly<Record<string, number>> = {
    ArrowLeft: index - 1,
    ArrowRight: index + 1,
    Home: 0,
    End: bars.length - 1,
  };
  const target = targets[event.key];
  if (target === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  bars[Math.min(Math.max(target, 0), bars.length - 1)]?.focus();
}

/** The bin of each chart that had the focus last. Its bar is the tab stop. */
const stops = new Map<Kind, Bin>();

function chartView(
  kind: Kind,
  tally: Tally,
  total: number,
  chosen: Bin | null,
  choose: Choose,
): TemplateResult {
  const { name, title, note, text, tick } = kind;
  const bins = tally.bins();
  const known = bins.reduce((sum, { count }) => sum + count, 0);
  const highest = bins.reduce((most, { count }) => Math.max(most, count), 1);
  const stop = bins.find(({ bin }) => bin === stops.get(kind)) ?? bins[0];
  const bar = ({ bin, count }: (typeof bins)[number]): TemplateResult => {
    const height = count === 0 ? 0 : Math.max(LEAST_HEIGHT, (HEIGHT * count) / highest);
    return html`<button type="button" class="bar" aria-pressed=${bin === chosen} tabindex=${bin === stop?.bin ? 0 : -1}
      @focus=${() => stops.set(kind, bin)}
      title="${text(bin)}: ${clocks(count)}"
      @click=${() => choose({ [name]: bin === chosen ? null : bin })}>
      <span class="unseen">${text(bin)}: ${clocks(count)}</span>
      <span class="bar-count" aria-hidden="true">${count === 0 ? '' : number(count)}</span>
      <svg viewBox="0 0 10 ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">
        <rect x="0" y=${HEIGHT - height} width="10" height=${height}></rect>
      </svg>
      <span class="tick" aria-hidden="true">${tick(bin, bins.length)}</span>
    </button>`;
  };
  return html`<figure>
    <figcaption><h3>${title}</h3></figcaption>
    ${
      bins.length === 0
        ? html`<p>No data yet.</p>`
        : html`<div class="bars" data-kind=${name} role="group" aria-label="${title}: how many clocks are in each range"
          @keydown=${onKey}>${bins.map(bar)}</div>`
    }
    <p class="note">${note} ${known === total ? '' : `Not known for ${clocks(total - known)}.`}</p>
  </figure>`;
}

/** @param total - the number of all clocks */
export function distributionView(
  bounds: Tally,
  offsets: Tally,
  total: number,
  view: ViewState,
  choose: Choose,
): TemplateResult {
  return html`<h2 id="distribution-heading">How far the clocks are off</h2>
    <div class="charts">
      ${chartView(BOUND, bounds, total, view.bound, choose)} ${chartView(OFFSET, offsets, total, view.offset, choose)}
    </div>`;
}
