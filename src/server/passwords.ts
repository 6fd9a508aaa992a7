/** Checks passwords against bcrypt hashes in a separate thread, with a limited amount of work for each client. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Compared, Comparison } from './bcrypt-worker.ts';
import { ServerError } from './options.ts';
import { Shares } from './shares.ts';

/** The thread's file, next to the bundle of the server. */
const WORKER = new URL('./serve/bcrypt-worker.js', import.meta.url);

/** The maximum number of passwords that wait to be compared. */
const WAITING = { inAll: 64, ofClient: 4 } as const;
/** The number of wrong passwords that are remembered, so that repeating one costs nothing. */
const REMEMBERED = 100;

/** True if a password is right; `busy` if too many are waiting. */
export type Verdict = boolean | 'busy';

/** The methods of a response that are used here. */
type Response = Pick<EventEmitter, 'once' | 'off'>;

/** A password that a client sends. */
export interface Credentials extends Comparison {
  readonly user: string;
}

/** A password that waits to be compared. */
class Job implements Credentials {
  readonly user: string;
  readonly password: string;
  readonly hash: string;
  readonly digest: Buffer;
  /** The client that the comparison is counted for. */
  readonly client: string;
  readonly verdict: Promise<Verdict>;
  /** The number of requests that wait for the verdict. */
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
    // for when no request waits any more
    this.verdict.catch(() => {});
  }

  end(verdict: Verdict): void {
    this.#resolve(verdict);
  }

  fail(error: Error): void {
    this.#reject(error);
  }
}

/** @throws ServerError if this process is not allowed to start threads */
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
  /** The digest of the last right password, by user. */
  readonly #right = new Map<string, Buffer>();
  /** The digests of wrong passwords, the oldest first. */
  readonly #wrong = new Set<string>();
  readonly #waiting = new Shares<Job>(WAITING);
  /** The waiting jobs and the current one, by digest. */
  readonly #jobs = new Map<string, Job>();
  #current: Job | null = null;
  /** The start of the current job's comparison. */
  #begun = 0;
  #isResting = false;
  #worker: Worker | null = null;
  #hasEnded = false;

  /**
   * Sets the users, forgets the results for all other users, and starts the thread if there are any users.
   *
   * @param hashes - by user
   * @throws ServerError if this process is not allowed to start threads
   */
  use(hashes: ReadonlyMap<string, string>): void {
    for (const user of this.#right.keys()) if (!hashes.has(user)) this.#right.delete(user);
    // before the first password arrives, because later there may be no file descriptor left for the thread
    if (hashes.size > 0) this.#worker ??= this.#start();
  }

  /**
   * Checks a password against a hash. The verdict is immediate if the same password was compared before.
   *
   * @param response - the response to the request; when it closes, the verdict is no longer needed
   * @throws Error if the thread fails
   */
  check(credentials: Credentials, client: string, response: Response): Verdict | Promise<Verdict> {
    const { user, hash, password } = credentials;
    // includes the user, because unknown users share a hash, and a password that is wrong for one user may be right
    // for another
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

  /** Takes the next job, from another client than the last job if other clients wait. */
  #next(): void {
    if (this.#current !== null || this.#isResting || this.#hasEnded) return;
    const [job] = this.#waiting;
    if (job === undefined) return;
    let worker: Worker;
    try {
      worker = this.#worker ??= this.#start();
    } catch (error) {
      // a file descriptor may be free again for the next password
      this.#forget(job);
      job.fail(error instanceof Error ? error : new Error(String(error)));
      this.#next();
      return;
    }
    this.#waiting.delete(job.client, job);
    // moves the client's other jobs behind those of other clients
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
      // both events occur, and at the second one a new thread may already be running
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
    // an endless series of wrong passwords uses half of a CPU, not all of it
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
