/** Prints the side effects of importing the package. */
const globals = () => Object.getOwnPropertyNames(globalThis).sort();
const listeners = () => process.eventNames().map((name) => [String(name), process.listenerCount(name)]);
// A CloseReq is from Node.js itself, which closes the module's file.
const handles = () => process.getActiveResourcesInfo().filter((kind) => kind !== 'CloseReq');
const state = () => JSON.stringify({ globals: globals(), listeners: listeners(), handles: handles() });

const before = state();
await import('chrony-wasm');
await import('chrony-wasm/testing');
const after = state();
console.log(JSON.stringify({ handles: JSON.parse(after).handles, changed: before !== after }));
