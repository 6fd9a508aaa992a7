/** A program that handles a signal by ending at once, while it waits for an answer: `ended.js DIRECTORY SIGNAL`. */
import { join } from 'node:path';
import { UnixDatagramSocket } from '../../../src/socket/unix/datagram-socket.ts';
import { FakeSocket } from '../../unit/socket/unix/fake-libc.ts';

const [, , directory = '', signal = ''] = process.argv;
const socket = new UnixDatagramSocket(new FakeSocket().libc, join(directory, 'chronyd.sock'), {
  datagram: () => {},
  failed: () => {},
});
socket.awaiting(true);
process.on(signal, () => process.exit(0));
process.kill(process.pid, signal);
