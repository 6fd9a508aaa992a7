/** Name lookups and their queue, with a fake resolver that the test controls. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Lookups, lookups } from '../../../src/client/dns.ts';
import { ChronyConnectionError, ChronyPermissionError, ChronyTimeoutError } from '../../../src/errors.ts';

const HOSTS = ['192.0.2.1'];
const LONG_MS = 60_000;
const UNAVAILABLE = Object.assign(new Error('getaddrinfo EAI_AGAIN'), { code: 'EAI_AGAIN' });

interface Answer {
  readonly resolve: (hosts: readonly string[]) => void;
  readonly reject: (error: Error) => void;
}

/** A fake system resolver with two threads. */
class FakeResolver {
  readonly lookups: Lookups;
  readonly #answers = new Map<string, Answer>();

  constructor(stalledMs?: number) {
    const ask = (name: string) =>
      new Promise<readonly string[]>((resolve, reject) => {
        this.#answers.set(name, { resolve, reject });
      });
    this.lookups = new Lookups(ask, 2, stalledMs);
  }

  /** The names of unanswered lookups. */
  get pending(): string[] {
    return [...this.#answers.keys()];
  }

  find(name: string, ms = LONG_MS, signal = new AbortController().signal): Promise<unknown> {
    return this.lookups.find(name, ms, signal).catch((error: unknown) => error);
  }

  answer(name: string): void {
    this.#end(name)?.resolve(HOSTS);
  }

  fail(name: string, error: Error): void {
    this.#end(name)?.reject(error);
  }

  #end(name: string): Answer | undefined {
    const answer = this.#answers.get(name);
    this.#answers.delete(name);
    return answer;
  }
}

/** Resolves to the result of a lookup, or to 'still under way'. */
function soonOrPending(found: Promise<unknown>, ms = 200): Promise<unknown> {
  return Promise.race([found, sleep(ms, 'still under way')]);
}

describe('a name', () => {
  it('is resolved by the system', async () => {
    const hosts = await lookups.find('localhost', LONG_MS, new AbortController().signal);
    expect(hosts.length).toBeGreaterThan(0);
    for (const host of hosts) expect(['127.0.0.1', '::1']).toContain(host);
  });

  it('that gets no answer times out', async () => {
    const error = await soonOrPending(new FakeResolver().find('dead', 50));
    expect(error).toBeInstanceOf(ChronyTimeoutError);
    expect(error).toMatchObject({
      code: 'ERR_CHRONY_RESOLVE',
      message:
        "cannot resolve the name 'dead': no answer in 50 ms; check this machine's DNS, or give an IP address",
    });
  });

  it('that does not exist is not a timeout', async () => {
    const resolver = new FakeResolver();
    const found = resolver.find('nobody');
    resolver.fail('nobody', new Error('ENOTFOUND'));
    expect(await found).toBeInstanceOf(ChronyConnectionError);
    expect(await found).not.toBeInstanceOf(ChronyTimeoutError);
    expect(await found).toMatchObject({ code: 'ERR_CHRONY_RESOLVE', cause: new Error('ENOTFOUND') });
  });

  it('that may not be resolved is a permission error', async () => {
    const resolver = new FakeResolver();
    const found = resolver.find('secret');
    resolver.fail('secret', Object.assign(new Error(), { code: 'ERR_ACCESS_DENIED' }));
    expect(await found).toBeInstanceOf(ChronyPermissionError);
  });

  it('is looked up once for concurrent callers, each with its own timeout', async () => {
    const resolver = new FakeResolver();
    const [short, long] = [resolver.find('same', 50), resolver.find('same')];
    expect(await soonOrPending(short)).toBeInstanceOf(ChronyTimeoutError);
    expect(resolver.pending).toEqual(['same']);
    resolver.answer('same');
    expect(await long).toBe(HOSTS);
    resolver.find('same');
    expect(resolver.pending).toEqual(['same']);
  });
});

describe('the queue', () => {
  it('does not count waiting time towards the timeout', async () => {
    const resolver = new FakeResolver();
    const dead = [resolver.find('dead 1', 50), resolver.find('dead 2', 50)];
    const healthy = resolver.find('healthy', 50);
    for (const found of dead) expect(await soonOrPending(found)).toBeInstanceOf(ChronyTimeoutError);
    // the callers have given up, but the resolver is still busy
    expect(await soonOrPending(healthy)).toBe('still under way');
    expect(resolver.pending).toEqual(['dead 1', 'dead 2']);
    resolver.fail('dead 1', UNAVAILABLE);
    await soonOrPending(dead[0] as Promise<unknown>);
    expect(resolver.pending).toEqual(['dead 2', 'healthy']);
    resolver.answer('healthy');
    expect(await healthy).toBe(HOSTS);
  });

  it('looks up each name in its turn', async () => {
    const resolver = new FakeResolver();
    const names = ['a', 'b', 'c', 'c', 'd', 'e'];
    const found = names.map((name) => resolver.find(name));
    while (resolver.pending.length > 0) {
      expect(resolver.pending.length).toBeLessThanOrEqual(2);
      resolver.answer(resolver.pending[0] ?? '');
      await sleep(1);
    }
    expect(await Promise.all(found)).toEqual(names.map(() => HOSTS));
  });

  it('drops aborted lookups', async () => {
    const resolver = new FakeResolver();
    const leaving = new AbortController();
    const reason = new Error('enough');
    const [first] = [resolver.find('a'), resolver.find('b')];
    const left = resolver.find('c', LONG_MS, leaving.signal);
    const last = resolver.find('d');
    leaving.abort(reason);
    expect(await soonOrPending(left)).toBe(reason);
    resolver.answer('a');
    await first;
    expect(resolver.pending).toEqual(['b', 'd']);
    resolver.answer('d');
    expect(await last).toBe(HOSTS);
  });

  it('ends waiting lookups if no lookup is answered', async () => {
    const resolver = new FakeResolver(50);
    for (const name of ['dead 1', 'dead 2']) resolver.find(name);
    const third = resolver.find('third');
    resolver.fail('dead 1', UNAVAILABLE); // not an answer of a DNS server
    expect(await soonOrPending(resolver.find('fourth'))).toMatchObject({
      code: 'ERR_CHRONY_RESOLVE',
      message: expect.stringContaining("'fourth': no answer about any name in 50 ms; "),
    });
    resolver.answer('third');
    expect(await third).toBe(HOSTS);
  });

  it('keeps lookups waiting as long as other names are answered', async () => {
    const resolver = new FakeResolver(50);
    for (const name of ['dead', 'a']) resolver.find(name);
    const last = Array.from({ length: 20 }, (_, i) => resolver.find(`${i}`)).at(-1);
    for (let i = 0; i < 21; i++) {
      await sleep(10);
      resolver.answer(resolver.pending[1] ?? '');
    }
    expect(await soonOrPending(last as Promise<unknown>)).toBe(HOSTS);
  });
});

it('ends a lookup at once when its signal aborts or has already aborted', async () => {
  const resolver = new FakeResolver();
  const stopping = new AbortController();
  const found = resolver.find('dead', LONG_MS, stopping.signal);
  const reason = new Error('enough');
  stopping.abort(reason);
  expect(await soonOrPending(found)).toBe(reason);
  expect(await soonOrPending(resolver.find('other', LONG_MS, stopping.signal))).toBe(reason);
  expect(resolver.pending).toEqual(['dead']);
});
