/** The targets of a fleet: the chronyds that it queries. */

/** A chronyd, and the labels that the operator gave it. */
export interface Target {
  /**
   * The address in the form of {@link ChronyOptions.address}: a host, an IP address, `HOST:PORT`. It is unique
   * among the targets.
   */
  readonly address: string;
  /** The labels by name. Names follow the rules of Prometheus: letters, digits and `_`, not starting with a digit. */
  readonly labels: Readonly<Record<string, string>>;
}

/** The current targets, which may change. */
export interface TargetList extends Disposable {
  /** The targets by address. The map is always the same object; its content changes. */
  readonly targets: ReadonlyMap<string, Target>;
  /**
   * @param listener - called after each change, once for all targets that were added, removed or relabeled
   * @returns a function that removes the listener
   */
  onChange(listener: () => void): () => void;
}
