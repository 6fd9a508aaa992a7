/** The targets of a fleet: the chronyds that it asks. */

/** A chronyd, and the labels that the operator gave it. */
export interface Target {
  /** As {@link ChronyOptions.address} takes it: a host, an IP address, `HOST:PORT`. Each target has another one. */
  readonly address: string;
  /** By name. Names are as Prometheus has them: letters, digits and `_`, no digit first. */
  readonly labels: Readonly<Record<string, string>>;
}

/** The targets of now: they come and go. */
export interface TargetList extends Disposable {
  /** By address. The map is the same object for ever; its content changes. */
  readonly targets: ReadonlyMap<string, Target>;
  /**
   * @param listener - called after each change, once for all targets that came or went or have other labels
   * @returns ends that
   */
  onChange(listener: () => void): () => void;
}
