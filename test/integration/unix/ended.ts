/** A program that exits in its signal handler while it waits for a reply: `ended.js DIRECTORY SIGNAL`. */
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
