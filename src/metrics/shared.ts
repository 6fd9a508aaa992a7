/**
 * What an application's metrics and the server share. A file of its own, since it is the entry of a bundle: `#metrics` in
 * package.json.
 */

export * from './collector.ts';
export { families, histograms, metricsOf } from './families.ts';
export type { Family, HistogramFamily, Labels, Sample } from './family.ts';
export * from './snapshot.ts';
