/** Counts outcomes. */
export class Tally {
  readonly #counts = new Map<string, number>();
  total = 0;

  add(outcome: string): void {
    this.total++;
    this.#counts.set(outcome, (this.#counts.get(outcome) ?? 0) + 1);
  }

  get(outcome: string): number {
    return this.#counts.get(outcome) ?? 0;
  }

  /** The most frequent first. */
  get split(): readonly (readonly [outcome: string, count: number])[] {
    return [...this.#counts].sort(([, a], [, b]) => b - a);
  }
}
