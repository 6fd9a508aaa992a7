/** An NTP server with the true time and a simulated network. It runs `ntp-server.c` in its own process. */

import { createInterface, type Interface } from 'node:readline';
import { type Child, spawn } from '../../support/spawn.ts';
import { tied } from '../../support/tied.ts';
import { build } from '../../system/native/build.ts';
import type { TrueTime } from './true-time.ts';

/** The delays of datagrams, in milliseconds. */
export interface Network {
  /** The maximum delay of a request; the actual delay is random. */
  readonly there: number;
  /** The delay of a reply, */
  readonly back: number;
  /** which applies with this probability. Default 1. */
  readonly share?: number;
}

type Program = Child<'pipe', 'pipe', 'inherit'>;

export class NtpServer implements AsyncDisposable {
  /** A loopback address. */
  readonly address: string;
  readonly port: number;
  readonly #program: Program;
  readonly #answers: AsyncIterator<string>;
  readonly #time: TrueTime;

  private constructor(
    address: string,
    port: number,
    program: Program,
    answers: AsyncIterator<string>,
    time: TrueTime,
  ) {
    this.address = address;
    this.port = port;
    this.#program = program;
    this.#answers = answers;
    this.#time = time;
  }

  static async start(time: TrueTime, address = '127.0.0.1', seed = 0): Promise<NtpServer> {
    const [file, args] = tied(await build('ntp-server', 'gcc'), address, String(seed));
    const program = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines: Interface = createInterface(program.stdout);
    const answers = lines[Symbol.asyncIterator]();
    const { value } = await answers.next();
    const server = new NtpServer(address, Number(value), program, answers, time);
    await server.sendTime();
    return server;
  }

  /** Sets the drift of the wall clock from now on, in ppm; positive if it gets slower. */
  async drift(ppm: number): Promise<void> {
    this.#time.driftPpm = ppm;
    await this.sendTime();
  }

  network({ there, back, share = 1 }: Network): Promise<void> {
    return this.#send(`network ${there} ${back} ${share}`);
  }

  /** Drops all requests until the next call of {@link network}. */
  silence(): Promise<void> {
    return this.#send('silence');
  }

  /** Sends the true time to the server process. To be called after the drift of the true time has changed. */
  sendTime(): Promise<void> {
    const { wrongNs, since, driftPpm } = this.#time.byWallClock;
    return this.#send(`time ${wrongNs} ${since} ${driftPpm}`);
  }

  async #send(line: string): Promise<void> {
    this.#program.stdin.write(`${line}\n`);
    await this.#answers.next();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#program.once('exit', resolve));
    this.#program.kill();
    await ended;
  }
}
