/**
 * The table of the clocks. Only visible rows are in the document. The table itself has the focus and refers to its
 * active row, so that the focus survives all changes of rows.
 */
import { html, nothing, render, type TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import { type ClockList, type Item, isDescending, keyOf } from './list.ts';
import { Clock } from './model.ts';
import { COLUMN_TITLES, clockCells, clockPage, groupCells, rowId } from './rows.ts';
import type { Column, ViewState } from './view-state.ts';

export interface TableListener {
  /** Called when the user selects the title of a column. */
  onSort(column: Column): void;
  /** Called when the user opens or closes a group. */
  onToggle(group: string | null): void;
}

/** The number of extra rows above and below the visible ones, so that they are there when the user scrolls. */
const SPARE_ROWS = 6;
/** A pointer that has not moved for this time does not count as that of a reading user. */
const STILL_MS = 60_000;
/** The number of title rows. */
const HEAD_ROWS = 1;

/** Converts a length of the style sheet from `rem` to pixels. */
function pixels(element: Element, variable: string): number {
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  return Number.parseFloat(getComputedStyle(element).getPropertyValue(variable)) * rem;
}

function elementIn(place: ParentNode, selector: string): HTMLElement {
  const element = place.querySelector<HTMLElement>(selector);
  if (element === null) throw new Error(`the table has no ${selector}`);
  return element;
}

export class Table {
  readonly #listener: TableListener;
  readonly #list: ClockList;
  readonly #grid: HTMLElement;
  readonly #body: HTMLElement;
  readonly #window: HTMLElement;
  #view: ViewState;
  /** By the server's clock, in seconds since the epoch. */
  #now = 0;
  /** The key of the active row: see keyOf(). */
  #active: string | null = null;
  #activeIndex = 0;
  /** The top of each row and the bottom of the last row, in pixels. */
  #tops = new Float64Array(1);
  #pointerMovedAt: number | null = null;
  /**
   * The scroll position, and the height for rows below the titles. They are cached, because reading them from the
   * element forces a layout.
   */
  #scrollTop = 0;
  #height = 0;
  #rowHeight = 1;
  /** The number of row elements that are kept: at least the number of rows that are visible at a time. */
  #elements = 1;
  #isScheduled = false;

  constructor(place: HTMLElement, list: ClockList, view: ViewState, listener: TableListener) {
    this.#listener = listener;
    this.#list = list;
    this.#view = view;
    render(
      html`<div class="grid" tabindex="0" aria-labelledby="clocks-heading" aria-describedby="keys">
        <div class="head" role="rowgroup"></div>
        <div class="body" role="rowgroup"><div class="window" role="presentation"></div></div>
      </div>`,
      place,
    );
    this.#grid = elementIn(place, '.grid');
    this.#body = elementIn(place, '.body');
    this.#window = elementIn(place, '.window');
    this.#grid.addEventListener('keydown', (event) => this.#onKey(event));
    this.#grid.addEventListener('focus', () => this.#renderRows());
    this.#grid.addEventListener('scroll', () => this.#schedule(), { passive: true });
    this.#grid.addEventListener('click', (event) => this.#onClick(event));
    this.#grid.addEventListener('pointermove', ({ pointerType }) => {
      if (pointerType === 'mouse') this.#pointerMovedAt = Date.now();
    });
    this.#grid.addEventListener('pointerleave', () => {
      this.#pointerMovedAt = null;
    });
    new ResizeObserver(() => this.#measure()).observe(this.#grid);
  }

  /**
   * True while a user reads: the focus or a pointer is in the table, or it is scrolled away from its top. Rows must then
   * stay in place.
   */
  get isHeld(): boolean {
    const isPointed = this.#pointerMovedAt !== null && Date.now() - this.#pointerMovedAt < STILL_MS;
    return isPointed || this.#grid.contains(document.activeElement) || this.#scrollTop > 0;
  }

  /** False if no clock has labels. The table then has no space for labels. */
  set hasLabels(has: boolean) {
    this.#grid.toggleAttribute('data-unlabelled', !has);
  }

  focus(): void {
    this.#grid.focus();
  }

  /** Shows the list after it was sorted again. */
  showOrder(view: ViewState, now: number): void {
    this.#view = view;
    if (this.#active !== null) {
      const index = this.#list.indexOf(this.#active);
      // if the row is no longer listed, the row now in its place becomes active
      if (index >= 0) this.#activeIndex = index;
      else this.#activate(this.#activeIndex);
    }
    this.#renderHead();
    this.#measure();
    this.showRows(now);
  }

  /** Shows the changes of the rows. */
  showRows(now: number): void {
    this.#now = now;
    this.#renderRows();
  }

  scrollToTop(): void {
    this.#scrollTo(0);
  }

  #scrollTo(top: number): void {
    this.#grid.scrollTop = top;
    this.#scrollTop = this.#grid.scrollTop;
  }

  /** Renders once per frame, because events may be more frequent. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    requestAnimationFrame(() => {
      this.#isScheduled = false;
      this.#scrollTop = this.#grid.scrollTop;
      this.#height = this.#grid.clientHeight - this.#body.offsetTop;
      this.#renderRows();
    });
  }

  #measure(): void {
    const [row, group] = [pixels(this.#grid, '--row'), pixels(this.#grid, '--group-row')];
    this.#rowHeight = row;
    const { items } = this.#list;
    const tops = new Float64Array(items.length + 1);
    for (const [i, item] of items.entries()) {
      tops[i + 1] = (tops[i] ?? 0) + (item instanceof Clock ? row : group);
    }
    this.#tops = tops;
    this.#body.style.height = `${tops.at(-1)}px`;
    this.#schedule();
  }

  /** The index of the row at a vertical position in the body. */
  #indexAt(y: number): number {
    let [low, high] = [0, this.#list.items.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#tops[middle] ?? 0) <= y) low = middle;
      else high = middle - 1;
    }
    return Math.max(low, 0);
  }

  #renderHead(): void {
    const { sort, isReversed } = this.#view;
    const titles = COLUMN_TITLES.map(({ name, title, column }) => {
      if (column === null) return html`<span role="columnheader" class=${name}>${title}</span>`;
      const isSorted = column === sort;
      const direction = isDescending(column, isReversed) ? 'descending' : 'ascending';
      return html`<span role="columnheader" class=${name} aria-sort=${isSorted ? direction : 'none'}>
        <button type="button" @click=${() => this.#listener.onSort(column)}>
          ${title}<span class="arrow" aria-hidden="true">${isSorted ? (direction === 'ascending' ? '▲' : '▼') : ''}</span>
        </button>
      </span>`;
    });
    render(
      html`<div class="row titles" role="row" aria-rowindex="1">${titles}</div>`,
      elementIn(this.#grid, '.head'),
    );
  }

  #renderRows(): void {
    const { items } = this.#list;
    const isTree = this.#view.group !== null;
    const first = Math.max(0, this.#indexAt(this.#scrollTop) - SPARE_ROWS);
    const last = this.#indexAt(this.#scrollTop + this.#height) + SPARE_ROWS;
    const shown = items.slice(first, last + 1);
    if (shown.length > this.#elements) this.#elements = shown.length + SPARE_ROWS;
    if (this.#active === null && document.activeElement === this.#grid)
      this.#activate(this.#indexAt(this.#scrollTop));
    this.#window.style.transform = `translateY(${this.#tops[first] ?? 0}px)`;
    // rows that scroll in reuse the elements of rows that scroll out; other elements are not touched
    render(
      repeat(
        shown,
        (_, i) => (first + i) % this.#elements,
        (item, i) => this.#rowView(item, first + i, isTree),
      ),
      this.#window,
    );
    const active = items[this.#activeIndex];
    const isActiveShown = this.#active !== null && this.#activeIndex >= first && this.#activeIndex <= last;
    const attributes = {
      role: isTree ? 'treegrid' : 'grid',
      'aria-rowcount': String(items.length + HEAD_ROWS),
      'aria-activedescendant': isActiveShown && active !== undefined ? rowId(active) : '',
    };
    for (const [name, value] of Object.entries(attributes)) {
      if (this.#grid.getAttribute(name) !== value) this.#grid.setAttribute(name, value);
    }
  }

  #rowView(item: Item, index: number, isTree: boolean): TemplateResult {
    const isActive = this.#active !== null && index === this.#activeIndex;
    const rowIndex = index + 1 + HEAD_ROWS;
    if (item instanceof Clock) {
      return html`<div role="row" class="row clock" id=${rowId(item)} aria-rowindex=${rowIndex}
        aria-level=${isTree ? 2 : nothing} ?data-active=${isActive} ?data-gone=${item.isGone}>${clockCells(item, this.#now)}</div>`;
    }
    return html`<div role="row" class="row group" id=${rowId(item)} aria-rowindex=${rowIndex} aria-level="1"
      aria-expanded=${item.isOpen} ?data-active=${isActive}>${groupCells(item, this.#view.group ?? '')}</div>`;
  }

  #activate(index: number): void {
    const { items } = this.#list;
    this.#activeIndex = Math.min(Math.max(index, 0), Math.max(items.length - 1, 0));
    const item = items[this.#activeIndex];
    this.#active = item === undefined ? null : keyOf(item);
  }

  /** Scrolls just far enough to show the active row. */
  #reveal(): void {
    const [top = 0, bottom = 0] = this.#tops.slice(this.#activeIndex, this.#activeIndex + 2);
    if (top < this.#scrollTop) this.#scrollTo(top);
    else if (bottom > this.#scrollTop + this.#height) this.#scrollTo(bottom - this.#height);
  }

  #onClick({ target }: MouseEvent): void {
    const row = (target as Element).closest<HTMLElement>('[aria-rowindex]');
    const index = Number(row?.getAttribute('aria-rowindex')) - 1 - HEAD_ROWS;
    const item = this.#list.items[index];
    if (row === null || item === undefined) return;
    this.#activate(index);
    if (!(item instanceof Clock)) this.#listener.onToggle(item.value);
    this.#renderRows();
  }

  #onKey(event: KeyboardEvent): void {
    // the buttons in the titles handle their own keys
    if (event.target !== this.#grid || event.altKey || event.metaKey) return;
    const index = this.#activeIndex;
    const page = Math.max(1, Math.floor(this.#height / this.#rowHeight) - 1);
    const targets: Readonly<Record<string, number>> = {
      ArrowUp: index - 1,
      ArrowDown: index + 1,
      PageUp: index - page,
      PageDown: index + page,
      Home: 0,
      End: this.#list.items.length - 1,
    };
    const target = targets[event.key];
    if (target === undefined && !this.#act(event.key)) return;
    event.preventDefault();
    if (target === undefined) return;
    this.#activate(target);
    this.#reveal();
    this.#renderRows();
  }

  /** Opens a clock's page, or opens or closes a group. @returns false for a key that does nothing here */
  #act(key: string): boolean {
    const item = this.#list.items[this.#activeIndex];
    if (item === undefined) return false;
    if (item instanceof Clock) {
      if (key === 'Enter') location.assign(clockPage(item.address));
      return key === 'Enter';
    }
    const toggles = key === 'Enter' || key === ' ' || key === (item.isOpen ? 'ArrowLeft' : 'ArrowRight');
    if (toggles) this.#listener.onToggle(item.value);
    return toggles;
  }
}
