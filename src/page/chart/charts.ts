/** The charts over time. */
import { html, render } from 'lit-html';
import uPlot from 'uplot';
import { timeOfDay } from '../format.ts';
import { type ChartKind, KINDS } from './kinds.ts';
import type { Columns } from './points.ts';
import { timeRange, timeTicks, type Values } from './scale.ts';

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

/** All charts of the page. */
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
    onColorChange(() => {
      for (const chart of this.#charts) chart.redraw();
    });
  }

  show(columns: Columns): void {
    for (const chart of this.#charts) chart.show(columns);
  }
}

const HEIGHT = 160;
const LETTER_WIDTH = 7;
const FONT = '12px system-ui, sans-serif';

/** The width of the longest text, with its margins, in pixels. */
function widthOf(texts: readonly string[]): number {
  return 20 + LETTER_WIDTH * Math.max(0, ...texts.map(({ length }) => length));
}

/** The cursors of all charts are synchronized. */
const SYNC = 'time';

/** A chart over time. Its values can be read by pointer, by keys and by screen readers. */
class Chart {
  readonly #kind: ChartKind;
  readonly #place: HTMLElement;
  readonly #reading: HTMLElement;
  readonly #holdAll: (time: number | null) => void;
  readonly #plot: uPlot;
  #times: readonly number[] = [];
  #values: Values = [];
  /** The time selected by keys. It stays selected when points are added. */
  #held: number | null = null;

  /**
   * @param place - the element that it is drawn in, and that receives the keys
   * @param reading - the element for the selected value
   * @param holdAll - moves the cursors of all charts to a time and holds them there; null releases them
   */
  constructor(
    kind: ChartKind,
    place: HTMLElement,
    reading: HTMLElement,
    holdAll: (time: number | null) => void,
  ) {
    this.#kind = kind;
    this.#place = place;
    this.#reading = reading;
    this.#holdAll = holdAll;
    this.#plot = new uPlot(this.#options(), this.#data(null), place);
    place.addEventListener('keydown', (event) => this.#onKey(event));
    place.addEventListener('blur', () => holdAll(null));
    // the pointer ends the selection by keys
    place.addEventListener('pointermove', () => holdAll(null));
    new ResizeObserver(() => this.#plot.setSize({ width: place.clientWidth, height: HEIGHT })).observe(place);
  }

  show(columns: Columns): void {
    this.#times = columns.times;
    this.#values = this.#kind.read(columns);
    this.#plot.setData(this.#data(columns));
    this.#updateReading();
  }

  /** Redraws after a change of colors. */
  redraw(): void {
    this.#plot.redraw(false, true);
  }

  #data(columns: Columns | null): uPlot.AlignedData {
    const { band, values } = this.#kind;
    if (columns === null) return band === undefined ? [[], []] : [[], [], [], []];
    const line = [...values(columns)];
    if (band === undefined) return [columns.times, line];
    const upper = [...band(columns)];
    return [columns.times, line, upper, upper.map((value) => (value === null ? null : -value))];
  }

  #options(): uPlot.Options {
    const { range, ticks, band } = this.#kind;
    const edge: uPlot.Series = { stroke: () => color('--band-edge'), width: 1, points: { show: false } };
    const axis = { stroke: () => color('--muted'), font: FONT };
    const grid = { stroke: () => color('--grid'), width: 1 };
    return {
      width: Math.max(this.#place.clientWidth, 100),
      height: HEIGHT,
      // room for half of the last tick's text
      padding: [8, 28, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, sync: { key: SYNC } },
      scales: {
        x: { time: true, range: (_, low, high) => timeRange(low, high) },
        y: { range: () => range(this.#values) },
      },
      axes: [
        {
          ...axis,
          grid: { show: false },
          ticks: grid,
          space: 70,
          size: 30,
          values: (_, at, __, ___, step) => timeTicks(at, step),
        },
        {
          ...axis,
          grid,
          ticks: grid,
          size: (_, texts) => widthOf(texts ?? []),
          space: 28,
          values: (_, at) => ticks(at),
        },
      ],
      series: [
        {},
        { stroke: () => color('--line'), width: 1.75, points: { size: 4, fill: () => color('--line') } },
        ...(band === undefined ? [] : [edge, edge]),
      ],
      bands: band === undefined ? [] : [{ series: [2, 3], fill: () => color('--band') }],
      hooks: { drawAxes: [drawZero], setCursor: [() => this.#updateReading()], draw: [() => this.#follow()] },
    };
  }

  /** Writes the value at the cursor, or else a summary. */
  #updateReading(): void {
    const index = this.#index();
    const text = index === null ? this.#summary() : this.#valueAt(index);
    this.#reading.textContent = text;
    const last = Math.max(0, this.#times.length - 1);
    const attributes = { valuemin: 0, valuemax: last, valuenow: index ?? last, valuetext: text };
    for (const [name, value] of Object.entries(attributes))
      this.#place.setAttribute(`aria-${name}`, String(value));
  }

  /** The index of the selected point; null if none is selected. */
  #index(): number | null {
    if (this.#held === null) return this.#plot?.cursor.idx ?? null;
    const held = this.#held;
    const index = this.#times.findIndex((time) => time >= held);
    return index === -1 ? null : index;
  }

  #valueAt(index: number): string {
    const value = this.#values[index] ?? null;
    return `${timeOfDay(this.#times[index] ?? 0)}: ${value === null ? 'not known' : this.#kind.text(value)}`;
  }

  #summary(): string {
    const { text } = this.#kind;
    const values = this.#values.filter((value) => value !== null);
    if (values.length === 0) return 'No values yet.';
    const latest = this.#values.at(-1) ?? null;
    const least = values.reduce((a, b) => Math.min(a, b));
    const greatest = values.reduce((a, b) => Math.max(a, b));
    return `${latest === null ? 'Currently unknown' : `Now ${text(latest)}`}; from ${text(least)} to ${text(greatest)}`;
  }

  #onKey(event: KeyboardEvent): void {
    const last = this.#times.length - 1;
    const index = this.#index() ?? last;
    const page = Math.max(1, Math.round(last / 10));
    const targets: Readonly<Record<string, number | null>> = {
      ArrowLeft: index - 1,
      ArrowDown: index - 1,
      ArrowRight: index + 1,
      ArrowUp: index + 1,
      PageDown: index - page,
      PageUp: index + page,
      Home: 0,
      End: last,
      Escape: null,
    };
    const target = targets[event.key];
    if (target === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    this.#holdAll(target === null ? null : (this.#times[Math.min(Math.max(target, 0), last)] ?? null));
  }

  /** Moves the cursor to a time and holds it there; null removes it. */
  hold(time: number | null): void {
    if (time === null && this.#held === null) return;
    this.#held = time;
    if (time === null) this.#plot.setCursor({ left: -10, top: -10 });
    this.#follow();
  }

  /** Keeps the cursor at the held time while the scale moves. */
  #follow(): void {
    if (this.#held !== null) this.#plot.setCursor({ left: this.#plot.valToPos(this.#held, 'x'), top: 10 });
  }
}

/** The media queries that change the colors of the style sheet. */
const QUERIES = ['(prefers-color-scheme: dark)', '(forced-colors: active)', 'print'];

/** A color of the style sheet. */
function color(variable: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(variable).trim();
}

function onColorChange(listener: () => void): void {
  for (const query of QUERIES) matchMedia(query).addEventListener('change', listener);
}

/** Draws the zero line, if it is in range. */
function drawZero(plot: uPlot): void {
  const { min = 0, max = 0 } = plot.scales['y'] ?? {};
  if (min > 0 || max < 0) return;
  const { ctx, bbox } = plot;
  const y = Math.round(plot.valToPos(0, 'y', true));
  ctx.save();
  ctx.strokeStyle = color('--zero');
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.restore();
}
