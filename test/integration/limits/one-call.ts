/** A program that asks once, and prints what that comes to: `one-call.js ADDRESS`. */
import { getTracking } from '../../../src/index.ts';
import { outcome } from './outcome.ts';

console.log(JSON.stringify(await outcome(getTracking(process.argv[2]))));
