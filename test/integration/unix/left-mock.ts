/** A program that listens at a path until it is killed: `left-mock.js PATH`. */
import { startMockChronyd } from '../../../src/testing/index.ts';

await startMockChronyd('synchronized', { path: process.argv[2] });
process.stdout.write('ready\n');
