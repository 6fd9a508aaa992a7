/** What there is to say of a clock, however well it is. */
export interface Words {
  /** What it is about; only another one, or another tone, is news. */
  readonly kind: string;
  readonly headline: string;
  /** What follows from it. */
  readonly meaning: string;
  /** What the bound is the sum of; empty where there is none. */
  readonly sum: string;
  /** For the document's title. */
  readonly short: string;
}
