// A minimal program that sends chronyd one query over UDP and prints the size of the reply. It takes the time that
// Node.js itself needs for a socket, a random number, a WebAssembly module of the same size, and the output.
const { createSocket } = require('node:dgram');
const { readFileSync } = require('node:fs');

const [, , port] = process.argv;
new WebAssembly.Module(readFileSync('wasm/libchrony.wasm'));
const request = Buffer.alloc(104);
request.set([6, 1, 0, 0, 0, 33]);
crypto.getRandomValues(request.subarray(8, 12));
const socket = createSocket({ type: 'udp4', lookup: (address, _, done) => done(null, address, 4) });
socket.on('message', (reply) => {
  process.stdout.write(`${reply.length} bytes\n`);
  socket.close();
});
socket.connect(Number(port), '127.0.0.1', () => socket.send(request));
