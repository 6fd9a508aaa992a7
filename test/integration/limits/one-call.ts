/** A program that makes one call and prints its outcome: `one-call.js ADDRESS`. */
import { getTracking } from '../../../src/index.ts';
import { outcome } from './outcome.ts';

console.log(JSON.stringify(await outcome(getTracking(process.argv[2]))));
