/**
 * A hostile client as a process: `node hostile.mjs KIND PORT ADDRESS [HEADER LINE]`, where ADDRESS is the client's own
 * address in 127.0.0.0/8. It prints `at it` when the attack has begun, and continues until it is killed.
 */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const [kind = '', port, localAddress, header = 'X-Nothing: at all'] = process.argv.slice(2);

function requestFor(path) {
  return `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${header}\r\n\r\n`;
}

/** Opens a connection, whose errors are ignored. */
function open() {
  const socket = connect({ port: Number(port), host: '127.0.0.1', localAddress });
  socket.on('error', () => {});
  return socket;
}

/** Keeps a number of connections: each is reopened 500 ms after it was closed. */
function keep(count, begin) {
  for (let i = 0; i < count; i++) {
    const add = () => {
      const socket = open();
      begin(socket);
      socket.once('close', () => setTimeout(add, 500));
    };
    add();
  }
}

/** Keeps connections with a request each, and reads no replies. */
function keepUnread(count, path) {
  keep(count, (socket) => {
    socket.pause();
    socket.write(requestFor(path));
  });
}

/** Repeatedly sends many requests on many connections, and closes them without reading the replies. */
async function pipeline(path) {
  const text = requestFor(path).repeat(1000);
  for (;;) {
    const sockets = Array.from({ length: 500 }, open);
    for (const socket of sockets) {
      socket.pause();
      socket.once('connect', () => socket.write(text));
    }
    await sleep(2000);
    for (const socket of sockets) socket.destroy();
  }
}

const KINDS = {
  /** Requests for replies that are not read. */
  pipeline: () => pipeline('/metrics'),
  /** Connections that stay open after one reply. */
  idle: () =>
    keep(560, (socket) => {
      socket.resume();
      socket.write(requestFor('/healthz'));
    }),
  /** Viewers that never read. */
  deaf: () => keepUnread(300, '/events'),
  /** Requests with many headers, without reading replies, and many new connections at the same time. */
  storm: () => {
    const text = `GET /healthz HTTP/1.1\r\nHost: localhost\r\n${'a:\r\n'.repeat(800)}\r\n`.repeat(100);
    keep(200, (socket) => {
      socket.pause();
      socket.write(text);
    });
    keep(1000, (socket) => setTimeout(() => socket.destroy(), 20));
  },
  /** Large replies that are not read. */
  untaken: () => keepUnread(200, '/page.js'),
  /** Requests that never end. */
  slow: () =>
    keep(200, (socket) => {
      socket.write('GET / HTTP/1.1\r\n');
      const timer = setInterval(() => socket.write('X: y\r\n'), 500);
      socket.once('close', () => clearInterval(timer));
    }),
  /** Nothing but connections. */
  connections: () => keep(500, (socket) => setTimeout(() => socket.destroy(), 20)),
  /** Requests on many connections, each sent as soon as the previous one is answered. */
  eager: () =>
    keep(100, (socket) => {
      socket.write(requestFor('/api/tracking'));
      socket.on('data', () => socket.write(requestFor('/api/tracking')));
    }),
  /** Bytes that are not HTTP. */
  nonsense: () =>
    keep(100, (socket) => {
      socket.resume();
      socket.write(`${'\r\n'.repeat(5000)}\0${'GET '.repeat(5000)}`);
    }),
};

KINDS[kind]();
console.log('at it');
