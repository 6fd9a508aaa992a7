/** Checks passwords against hashes of bcrypt, in a thread of its own, with a limited amount of work for each client. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Compared, Comparison } from './bcrypt-worker.ts';
import { ServerError } from './options.ts';
import { Shares } from './shares.ts';

/** Beside the bundle of the server. */
const WORKER = new URL('./serve/bcrypt-worker.js', import.meta.url);

/** How many passwords may wait to be compared. */
const WAITING = { inAll: 64, ofClient: 4 } as const;
/** How many wrong passwords are remembered: a client that repeats one costs nothing. */
const REMEMBERED = 100;

/** Whether a password is the right one; `busy` if too many wait. */
export type Verdict = boolean | 'busy';

/** The part of a response that is needed here. */
type Response = Pick<EventEmitter, 'once' | 'off'>;

/** A password that a client sends. */
export interface Credentials extends Comparison {
  readonly user: string;
}

/** A password that is to be compared. */
class Job implements Credentials {
  readonly user: string;
  readonly password: string;
  readonly hash: string;
  readonly digest: Buffer;
  /** The client that it waits for. */
  readonly client: string;
  readonly verdict: Promise<Verdict>;
  /** How many requests wait for the verdict. */
  requests = 0;
  #resolve: (verdict: Verdict) => void = () => {};
  #reject: (error: Error) => void = () => {};

  constructor({ user, password, hash }: Credentials, digest: Buffer, client: string) {
    this.user = user;
    this.password = password;
    this.hash = hash;
    this.digest = digest;
    this.client = client;
    this.verdict = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // where no request waits any more
    this.verdict.catch(() => {});
  }

  end(verdict: Verdict): void {
    this.#resolve(verdict);
  }

  fail(error: Error): void {
    this.#reject(error);
  }
}

/** @throws ServerError if this process may not have threads */
function makeWorker(): Worker {
  try {
    return new Worker(WORKER, { resourceLimits: { maxOldGenerationSizeMb: 32 } });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ServerError(
      `basic_auth_users needs a thread, which cannot be started: ${reason}; under Node's permission model add --allow-worker`,
      { cause: error },
    );
  }
}

export class Passwords implements Disposable {
  /** Keys the digests, so that a memory dump does not reveal passwords. */
  readonly #key = randomBytes(32);
  /** The digest of the password that was right last, by user. */
  readonly #right = new Map<string, Buffer>();
  /** The digests of passwords that were wrong, the oldest first. */
  readonly #wrong = new Set<string>();
  readonly #waiting = new Shares<Job>(WAITING);
  /** The waiting jobs and the current one, by digest. */
  readonly #jobs = new Map<string, Job>();
  #current: Job | null = null;
  /** When the comparison of the current job began. */
  #begun = 0;
  #isResting = false;
  #worker: Worker | null = null;
  #hasEnded = false;

  /**
   * Forgets what is known of other users than these, and starts the thread if there are any.
   *
   * @param hashes - by user
   * @throws ServerError if this process may not have threads
   */
  use(hashes: ReadonlyMap<string, string>): void {
    for (const user of this.#right.keys()) if (!hashes.has(user)) this.#right.delete(user);
    // before the first password comes: later there may be no descriptor left for it
    if (hashes.size > 0) this.#worker ??= this.#start();
  }

  /**
   * Tells whether a password is the one of a hash. At once if it was compared before.
   *
   * @param response - to the request: when it closes, no answer is needed any more
   * @throws Error if the thread fails
   */
  check(credentials: Credentials, client: string, response: Response): Verdict | Promise<Verdict> {
    const { user, hash, password } = credentials;
    // with the user: unknown users share a hash, and a password that was wrong for one is not remembered for another
    const digest = createHmac('sha256', this.#key)
      .update(JSON.stringify([user, hash, password]))
      .digest();
    const right = this.#right.get(user);
    if (right !== undefined && timingSafeEqual(right, digest)) return true;
    const key = digest.toString('base64');
    if (this.#wrong.has(key)) return false;
    const job = this.#jobs.get(key) ?? this.#add(new Job(credentials, digest, client));
    if (job === null) return 'busy';
    job.requests++;
    const leave = (): void => {
      if (--job.requests > 0 || job === this.#current) return;
      this.#forget(job);
      job.end('busy');
    };
    response.once('close', leave);
    this.#next();
    return job.verdict.finally(() => response.off('close', leave));
  }

  #add(job: Job): Job | null {
    const room = this.#waiting.roomFor(job.client, () => false);
    if (!room.isThere) return null;
    if (room.instead !== null) {
      this.#forget(room.instead);
      room.instead.end('busy');
    }
    this.#waiting.add(job.client, job);
    this.#jobs.set(job.digest.toString('base64'), job);
    return job;
  }

  #forget(job: Job): void {
    this.#waiting.delete(job.client, job);
    this.#jobs.delete(job.digest.toString('base64'));
  }

  /** Takes the next job, of another client than the last one if others wait. */
  #next(): void {
    if (this.#current !== null || this.#isResting || this.#hasEnded) return;
    const [job] = this.#waiting;
    if (job === undefined) return;
    let worker: Worker;
    try {
      worker = this.#worker ??= this.#start();
    } catch (error) {
      // a descriptor may be free again for the next password
      this.#forget(job);
      job.fail(error instanceof Error ? error : new Error(String(error)));
      this.#next();
      return;
    }
    this.#waiting.delete(job.client, job);
    // the other jobs of the client go behind those of others
    for (const later of [...this.#waiting.of(job.client)]) this.#waiting.delete(job.client, later);
    for (const later of this.#jobs.values()) {
      if (later !== job && later.client === job.client) this.#waiting.add(later.client, later);
    }
    this.#current = job;
    this.#begun = performance.now();
    worker.postMessage({ password: job.password, hash: job.hash } satisfies Comparison);
  }

  #start(): Worker {
    const worker = makeWorker();
    worker.unref();
    const failed = (error: Error): void => {
      // both events come, and by the second one another thread may be at work
      if (this.#hasEnded || this.#worker !== worker) return;
      this.#worker = null;
      const job = this.#current;
      this.#current = null;
      if (job === null) return;
      this.#forget(job);
      job.fail(error);
      this.#next();
    };
    worker.on('message', (isRight: Compared) => this.#compared(isRight));
    worker.on('error', failed);
    worker.on('exit', (status) => failed(new Error(`the thread for passwords ended with status ${status}`)));
    return worker;
  }

  #compared(isRight: boolean): void {
    const job = this.#current;
    if (job === null) return;
    this.#current = null;
    this.#forget(job);
    if (isRight) this.#right.set(job.user, job.digest);
    else {
      this.#wrong.add(job.digest.toString('base64'));
      if (this.#wrong.size > REMEMBERED) {
        const [oldest = ''] = this.#wrong;
        this.#wrong.delete(oldest);
      }
    }
    job.end(isRight);
    // wrong passwords without end take half of a processor, not all of it
    this.#isResting = true;
    setTimeout(() => {
      this.#isResting = false;
      this.#next();
    }, performance.now() - this.#begun).unref();
  }

  [Symbol.dispose](): void {
    this.#hasEnded = true;
    this.#current?.end('busy');
    void this.#worker?.terminate();
  }
}
