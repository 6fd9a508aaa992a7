// Requests tracking while it subscribes to the tracing channel, and prints the events: `tracing.mjs ADDRESS [without]`. With
// `without`, as in a runtime that has no tracing channels, the request must work all the same.
import { tracingChannel } from 'node:diagnostics_channel';
import process from 'node:process';

const [, , address, without] = process.argv;
if (without !== undefined) process.getBuiltinModule = undefined;
const { getTracking } = await import('chrony-wasm');
const heard = [];
const hear = (event) => (trace) =>
  heard.push([event, trace.address, trace.report, trace.tries, trace.outcome]);
const names = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'];
tracingChannel('chrony-wasm:request').subscribe(Object.fromEntries(names.map((name) => [name, hear(name)])));
const { stratum } = await getTracking(address);
console.log(JSON.stringify({ stratum, heard }));
