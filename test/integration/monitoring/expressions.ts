/** The metrics and labels that a PromQL expression uses. */

/** A metric and the labels of its matchers. */
export interface Selected {
  readonly name: string;
  readonly matched: readonly string[];
}

/** Metrics of chronyd, and Prometheus's own `up`. */
const SELECTOR = /\b(chrony_\w+|up)\b(?:\{([^}]*)\})?/g;
const MATCHER = /(\w+)\s*(?:=~|!~|!=|=)\s*"([^"]*)"/g;

export function metricsIn(expr: string): readonly Selected[] {
  return Array.from(expr.matchAll(SELECTOR), ([, name = '', matchers = '']) => ({
    name,
    matched: Array.from(matchers.matchAll(MATCHER), ([, label = '']) => label),
  }));
}

/** The label values in the matchers of an expression. */
export function labelValuesIn(
  expr: string,
): readonly { readonly name: string; readonly label: string; readonly value: string }[] {
  return Array.from(expr.matchAll(SELECTOR), ([, name = '', matchers = '']) =>
    Array.from(matchers.matchAll(MATCHER), ([, label = '', value = '']) => ({ name, label, value })),
  ).flat();
}
