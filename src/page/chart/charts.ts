/** All charts. */
import { html, render } from 'lit-html';
import type { Columns } from '../points.ts';
import { Chart } from './chart.ts';
import { type ChartKind, KINDS } from './kinds.ts';
import { onColourChange } from './style.ts';

function element(name: string, className: string): HTMLElement {
  const made = document.createElement(name);
  made.className = className;
  return made;
}

function figureOf(kind: ChartKind, place: HTMLElement, reading: HTMLElement) {
  place.tabIndex = 0;
  place.role = 'slider';
  place.ariaLabel = `${kind.title} over time`;
  return html`<figure>
    <figcaption><h3>${kind.title}</h3>${reading}</figcaption>
    ${place}
    <p class="note">${kind.note}</p>
  </figure>`;
}

export class Charts {
  readonly #charts: readonly Chart[];

  constructor(place: HTMLElement) {
    const parts = KINDS.map((kind) => ({
      kind,
      plot: element('div', 'plot'),
      reading: element('p', 'reading'),
    }));
    render(
      html`<h2 id="charts-heading">Over time</h2>
        <div class="charts">${parts.map(({ kind, plot, reading }) => figureOf(kind, plot, reading))}</div>`,
      place,
    );
    const holdAll = (time: number | null): void => {
      for (const chart of this.#charts) chart.hold(time);
    };
    this.#charts = parts.map(({ kind, plot, reading }) => new Chart(kind, plot, reading, holdAll));
    onColourChange(() => {
      for (const chart of this.#charts) chart.redraw();
    });
  }

  show(columns: Columns): void {
    for (const chart of this.#charts) chart.show(columns);
  }
}
