/**
 * A client that means harm, as a process: `node hostile.mjs KIND PORT ADDRESS [HEADER LINE]`, where the address is the
 * one that it has, in 127.0.0.0/8. Says `at it` when it has begun, and goes on until it is killed.
 */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const [kind = '', port, localAddress, header = 'X-Nothing: at all'] = process.argv.slice(2);

function requestFor(path) {
  return `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${header}\r\n\r\n`;
}

/** A connection; what becomes of it does not matter. */
function open() {
  const socket = connect({ port: Number(port), host: '127.0.0.1', localAddress });
  socket.on('error', () => {});
  return socket;
}

/** As many connections as wanted, each opened again a while after it was closed. */
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

/** Connections on each of which something is requested, and nothing read. */
function keepUnread(count, path) {
  keep(count, (socket) => {
    socket.pause();
    socket.write(requestFor(path));
  });
}

/** Many requests on each of many connections, no reply awaited, and gone, again and again. */
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
  /** Replies that nobody waits for. */
  pipeline: () => pipeline('/metrics'),
  /** Connections that are kept after one reply. */
  idle: () =>
    keep(560, (socket) => {
      socket.resume();
      socket.write(requestFor('/healthz'));
    }),
  /** Viewers that never read. */
  deaf: () => keepUnread(300, '/events'),
  /** Requests with many headers, no reply awaited, and new connections beside them. */
  storm: () => {
    const text = `GET /healthz HTTP/1.1\r\nHost: localhost\r\n${'a:\r\n'.repeat(800)}\r\n`.repeat(100);
    keep(200, (socket) => {
      socket.pause();
      socket.write(text);
    });
    keep(1000, (socket) => setTimeout(() => socket.destroy(), 20));
  },
  /** Replies that nobody takes. */
  untaken: () => keepUnread(200, '/page.js'),
  /** Requests that never get done. */
  slow: () =>
    keep(200, (socket) => {
      socket.write('GET / HTTP/1.1\r\n');
      const timer = setInterval(() => socket.write('X: y\r\n'), 500);
      socket.once('close', () => clearInterval(timer));
    }),
  /** Nothing but connections. */
  connections: () => keep(500, (socket) => setTimeout(() => socket.destroy(), 20)),
  /** One request after the other, as fast as they are answered. */
  eager: () =>
    keep(100, (socket) => {
      socket.write(requestFor('/api/tracking'));
      socket.on('data', () => socket.write(requestFor('/api/tracking')));
    }),
  /** What is no HTTP at all. */
  nonsense: () =>
    keep(100, (socket) => {
      socket.resume();
      socket.write(`${'\r\n'.repeat(5000)}\0${'GET '.repeat(5000)}`);
    }),
};

KINDS[kind]();
console.log('at it');
