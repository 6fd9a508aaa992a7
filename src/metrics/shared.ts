/** The part of the metrics that applications and the server share: a file of its own in the package. */

export * from './collector.ts';
export { families, metricsOf } from './families.ts';
export * from './snapshot.ts';
