/**
 * Loaded before a server (`node --require`): a second passes before each request over HTTP, for the clock by which the server
 * knows how old its snapshot is. So each scrape makes it ask chronyd, however soon it comes.
 */
const { subscribe } = require('node:diagnostics_channel');

const { bigint } = process.hrtime;
let passed = 0n;
process.hrtime.bigint = () => bigint() + passed;
subscribe('http.server.request.start', () => {
  passed += 1_001_000_000n;
});
