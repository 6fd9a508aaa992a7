/** What the metrics of an application and the server have in common, in a file of its own in the package. */

export * from './collector.ts';
export { families } from './families.ts';
export * from './snapshot.ts';
