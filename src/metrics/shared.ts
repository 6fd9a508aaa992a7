/**
 * The code that the applications' metrics and the server share. It is a separate file because it is the entry of a
 * bundle: `#metrics` in package.json.
 */

export * from './collector.ts';
export { families, histograms, metricsOf } from './families.ts';
export type { Family, HistogramFamily, Labels, Sample } from './family.ts';
export * from './snapshot.ts';
