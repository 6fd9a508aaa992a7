/** A list of targets that a test can change. */
import type { Target, TargetList } from '../../src/fleet/target.ts';

export class Targets implements TargetList {
  readonly targets = new Map<string, Target>();
  readonly #listeners = new Set<() => void>();

  constructor(addresses: readonly string[] = []) {
    this.set(addresses);
  }

  /** @param labels - the labels of each target */
  set(addresses: readonly string[], labels: Target['labels'] = {}): void {
    this.targets.clear();
    for (const address of addresses) this.targets.set(address, { address, labels });
    for (const listener of this.#listeners) listener();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  [Symbol.dispose](): void {
    this.#listeners.clear();
  }
}
