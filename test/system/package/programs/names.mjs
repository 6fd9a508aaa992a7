// Polls three names while the DNS server does not answer: two that only DNS could resolve, and one in /etc/hosts. Prints the
// outcome of each, and its time in milliseconds.
import { createSocket } from 'node:dgram';
import { pollMany } from 'chrony-wasm';

const silent = createSocket('udp4');
await new Promise((bound) => silent.bind(53, '127.0.0.1', bound));
silent.on('message', () => {});

const names = ['dead-1.example', 'dead-2.example', 'chronyd.example'];
const start = performance.now();
const outcomes = {};
for await (const { address, value, error } of pollMany(names, 'tracking', { timeoutMs: 100, retries: 1 })) {
  outcomes[address] = {
    outcome: error === null ? typeof value.stratum : `${error.name} ${error.code}`,
    ms: performance.now() - start,
  };
}
silent.close();
console.log(JSON.stringify(outcomes));
