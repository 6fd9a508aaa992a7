/** What an application's metrics and the server share: `#metrics` in package.json, a bundle of its own. */

export * from './collector.ts';
export { families, histograms, metricsOf } from './families.ts';
export type { Family, HistogramFamily, Labels, Sample } from './family.ts';
export * from './snapshot.ts';
