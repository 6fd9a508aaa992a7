/** Shares a limited number of places among clients. */

/** The maximum numbers of items. */
export interface Limits {
  readonly inAll: number;
  readonly ofClient: number;
}

/** The result of a request for a place; `instead` is the item that must be removed first, if any. */
export type Room<Item> =
  | { readonly isThere: true; readonly instead: Item | null }
  | { readonly isThere: false; readonly limit: keyof Limits };

const NONE: ReadonlySet<never> = new Set();

/**
 * The items of each client, in the order in which they were added. When all places are taken, the client with the
 * most items loses one. A single client thus cannot keep others out.
 */
export class Shares<Item> {
  readonly #limits: Limits;
  readonly #items = new Map<string, Set<Item>>();
  #size = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** The number of items. */
  get size(): number {
    return this.#size;
  }

  /** The items of a client, the oldest first. */
  of(client: string): ReadonlySet<Item> {
    return this.#items.get(client) ?? NONE;
  }

  *[Symbol.iterator](): Generator<Item> {
    for (const items of this.#items.values()) yield* items;
  }

  /** Adds an item, or moves it to the end. */
  add(client: string, item: Item): void {
    this.delete(client, item);
    const items = this.#items.get(client) ?? new Set();
    this.#items.set(client, items);
    items.add(item);
    this.#size++;
  }

  delete(client: string, item: Item): void {
    const items = this.#items.get(client);
    if (!items?.delete(item)) return;
    this.#size--;
    if (items.size === 0) this.#items.delete(client);
  }

  /**
   * Decides whether a client may add an item.
   *
   * @param isSpare - true for an item that can be removed without harm, such as an idle connection; it is removed
   * before an item in use
   */
  roomFor(client: string, isSpare: (item: Item) => boolean): Room<Item> {
    const own = this.of(client);
    if (own.size >= this.#limits.ofClient) {
      const spare = first(own, isSpare);
      return spare === undefined ? { isThere: false, limit: 'ofClient' } : { isThere: true, instead: spare };
    }
    if (this.#size < this.#limits.inAll) return { isThere: true, instead: null };
    // a client does not lose an item to a client with as many items
    const others = [...this.#items.values()]
      .filter((items) => items.size > own.size)
      .toSorted((a, b) => b.size - a.size);
    for (const items of others) {
      const spare = first(items, isSpare);
      if (spare !== undefined) return { isThere: true, instead: spare };
    }
    const ownSpare = first(own, isSpare);
    if (ownSpare !== undefined) return { isThere: true, instead: ownSpare };
    const [most] = others;
    const instead = most !== undefined && most.size > own.size + 1 ? first(most, () => true) : undefined;
    return instead === undefined ? { isThere: false, limit: 'inAll' } : { isThere: true, instead };
  }
}

function first<Item>(items: Iterable<Item>, matches: (item: Item) => boolean): Item | undefined {
  for (const item of items) if (matches(item)) return item;
  return undefined;
}
