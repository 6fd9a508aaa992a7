/**
 * Loaded before a server (`node --require`): advances the clock that gives the age of the server's snapshot by a second
 * before each HTTP request, so that every scrape causes new queries to chronyd.
 */
const { subscribe } = require('node:diagnostics_channel');

const { bigint } = process.hrtime;
let passed = 0n;
process.hrtime.bigint = () => bigint() + passed;
subscribe('http.server.request.start', () => {
  passed += 1_001_000_000n;
});
