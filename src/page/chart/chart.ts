/** One chart over time, which tells its values to pointers, keys and screen readers. */
import uPlot from 'uplot';
import { timeOfDay } from '../format/moment.ts';
import type { Columns } from '../points.ts';
import type { ChartKind } from './kinds.ts';
import { timeRange, timeTicks, type Values } from './scale.ts';
import { colour, drawZero } from './style.ts';

const HEIGHT = 160;
const LETTER_WIDTH = 7;
const FONT = '12px system-ui, sans-serif';

/** Of the widest of some texts, and what is around it, in pixels. */
function widthOf(texts: readonly string[]): number {
  return 20 + LETTER_WIDTH * Math.max(0, ...texts.map(({ length }) => length));
}

/** All charts show the same moment. */
const SYNC = 'time';

export class Chart {
  readonly #kind: ChartKind;
  readonly #place: HTMLElement;
  readonly #reading: HTMLElement;
  readonly #holdAll: (time: number | null) => void;
  readonly #plot: uPlot;
  #times: readonly number[] = [];
  #told: Values = [];
  /** The moment that keys have gone to; it stays that moment, whatever comes after it. */
  #held: number | null = null;

  /**
   * @param place - where it is drawn; takes the keys, too
   * @param reading - where the values are said
   * @param holdAll - moves the cursors of all charts to a moment, and holds them there
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
    // who points has done with the keys
    place.addEventListener('pointermove', () => holdAll(null));
    new ResizeObserver(() => this.#plot.setSize({ width: place.clientWidth, height: HEIGHT })).observe(place);
  }

  show(columns: Columns): void {
    this.#times = columns.times;
    this.#told = this.#kind.told(columns);
    this.#plot.setData(this.#data(columns));
    this.#say();
  }

  /** In other colours. */
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
    const edge: uPlot.Series = { stroke: () => colour('--band-edge'), width: 1, points: { show: false } };
    const axis = { stroke: () => colour('--muted'), font: FONT };
    const grid = { stroke: () => colour('--grid'), width: 1 };
    return {
      width: Math.max(this.#place.clientWidth, 100),
      height: HEIGHT,
      // room for half of a time at the end
      padding: [8, 28, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, sync: { key: SYNC } },
      scales: {
        x: { time: true, range: (_, low, high) => timeRange(low, high) },
        y: { range: () => range(this.#told) },
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
        { stroke: () => colour('--line'), width: 1.75, points: { size: 4, fill: () => colour('--line') } },
        ...(band === undefined ? [] : [edge, edge]),
      ],
      bands: band === undefined ? [] : [{ series: [2, 3], fill: () => colour('--band') }],
      hooks: { drawAxes: [drawZero], setCursor: [() => this.#say()], draw: [() => this.#follow()] },
    };
  }

  /** Under the cursor, or else over all. */
  #say(): void {
    const index = this.#index();
    const words = index === null ? this.#summary() : this.#valueAt(index);
    this.#reading.textContent = words;
    const last = Math.max(0, this.#times.length - 1);
    const attributes = { valuemin: 0, valuemax: last, valuenow: index ?? last, valuetext: words };
    for (const [name, value] of Object.entries(attributes))
      this.#place.setAttribute(`aria-${name}`, String(value));
  }

  /** Of the point that is told of; null: of none. */
  #index(): number | null {
    if (this.#held === null) return this.#plot?.cursor.idx ?? null;
    const held = this.#held;
    const index = this.#times.findIndex((time) => time >= held);
    return index === -1 ? null : index;
  }

  #valueAt(index: number): string {
    const value = this.#told[index] ?? null;
    return `${timeOfDay(this.#times[index] ?? 0)}: ${value === null ? 'not known' : this.#kind.text(value)}`;
  }

  #summary(): string {
    const { text } = this.#kind;
    const values = this.#told.filter((value) => value !== null);
    if (values.length === 0) return 'Nothing is known yet.';
    const latest = this.#told.at(-1) ?? null;
    const least = values.reduce((a, b) => Math.min(a, b));
    const greatest = values.reduce((a, b) => Math.max(a, b));
    return `${latest === null ? 'Not known now' : `Now ${text(latest)}`}; from ${text(least)} to ${text(greatest)}`;
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

  /** The cursor to that moment, which it stays at; null: away. */
  hold(time: number | null): void {
    if (time === null && this.#held === null) return;
    this.#held = time;
    if (time === null) this.#plot.setCursor({ left: -10, top: -10 });
    this.#follow();
  }

  /** The scale moves on, and the cursor with the moment that it is held at. */
  #follow(): void {
    if (this.#held !== null) this.#plot.setCursor({ left: this.#plot.valToPos(this.#held, 'x'), top: 10 });
  }
}
