/** What the metrics of an application and the server have in common, in a file of its own in the package. */

export * from '../survey/survey.ts';
export * from '../survey/surveyor.ts';
export { families } from './families.ts';
