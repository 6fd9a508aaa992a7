/** Names in line, with a system that answers when it is told to. */
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

/** A system with two threads for it. */
class System {
  readonly lookups: Lookups;
  readonly #answers = new Map<string, Answer>();

  constructor(stalledMs?: number) {
    const ask = (name: string) =>
      new Promise<readonly string[]>((resolve, reject) => {
        this.#answers.set(name, { resolve, reject });
      });
    this.lookups = new Lookups(ask, 2, stalledMs);
  }

  /** What it was asked for and has not answered. */
  get asked(): string[] {
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

/** What a lookup comes to, or that it is still under way. */
function soon(found: Promise<unknown>, ms = 200): Promise<unknown> {
  return Promise.race([found, sleep(ms, 'still under way')]);
}

describe('a name', () => {
  it('is resolved by the system', async () => {
    const hosts = await lookups.find('localhost', LONG_MS, new AbortController().signal);
    expect(hosts.length).toBeGreaterThan(0);
    for (const host of hosts) expect(['127.0.0.1', '::1']).toContain(host);
  });

  it('about which nothing is heard is given up in time', async () => {
    const error = await soon(new System().find('dead', 50));
    expect(error).toBeInstanceOf(ChronyTimeoutError);
    expect(error).toMatchObject({
      code: 'ERR_CHRONY_RESOLVE',
      message:
        "cannot resolve the name 'dead': no answer in 50 ms; check this machine's DNS, or give an IP address",
    });
  });

  it('that does not exist is no timeout', async () => {
    const system = new System();
    const found = system.find('nobody');
    system.fail('nobody', new Error('ENOTFOUND'));
    expect(await found).toBeInstanceOf(ChronyConnectionError);
    expect(await found).not.toBeInstanceOf(ChronyTimeoutError);
    expect(await found).toMatchObject({ code: 'ERR_CHRONY_RESOLVE', cause: new Error('ENOTFOUND') });
  });

  it('that may not be looked up is a matter of permissions', async () => {
    const system = new System();
    const found = system.find('secret');
    system.fail('secret', Object.assign(new Error(), { code: 'ERR_ACCESS_DENIED' }));
    expect(await found).toBeInstanceOf(ChronyPermissionError);
  });

  it('is looked up once for all who want it meanwhile, each with its own patience', async () => {
    const system = new System();
    const [short, long] = [system.find('same', 50), system.find('same')];
    expect(await soon(short)).toBeInstanceOf(ChronyTimeoutError);
    expect(system.asked).toEqual(['same']);
    system.answer('same');
    expect(await long).toBe(HOSTS);
    system.find('same');
    expect(system.asked).toEqual(['same']);
  });
});

describe('in line', () => {
  it('no time is counted', async () => {
    const system = new System();
    const dead = [system.find('dead 1', 50), system.find('dead 2', 50)];
    const healthy = system.find('healthy', 50);
    for (const found of dead) expect(await soon(found)).toBeInstanceOf(ChronyTimeoutError);
    // given up here, but the system is still at them
    expect(await soon(healthy)).toBe('still under way');
    expect(system.asked).toEqual(['dead 1', 'dead 2']);
    system.fail('dead 1', UNAVAILABLE);
    await soon(dead[0] as Promise<unknown>);
    expect(system.asked).toEqual(['dead 2', 'healthy']);
    system.answer('healthy');
    expect(await healthy).toBe(HOSTS);
  });

  it('each has its turn', async () => {
    const system = new System();
    const names = ['a', 'b', 'c', 'c', 'd', 'e'];
    const found = names.map((name) => system.find(name));
    while (system.asked.length > 0) {
      expect(system.asked.length).toBeLessThanOrEqual(2);
      system.answer(system.asked[0] ?? '');
      await sleep(1);
    }
    expect(await Promise.all(found)).toEqual(names.map(() => HOSTS));
  });

  it('who leaves makes room', async () => {
    const system = new System();
    const leaving = new AbortController();
    const why = new Error('enough');
    const [first] = [system.find('a'), system.find('b')];
    const left = system.find('c', LONG_MS, leaving.signal);
    const last = system.find('d');
    leaving.abort(why);
    expect(await soon(left)).toBe(why);
    system.answer('a');
    await first;
    expect(system.asked).toEqual(['b', 'd']);
    system.answer('d');
    expect(await last).toBe(HOSTS);
  });

  it('nobody stands for ever while nothing is answered', async () => {
    const system = new System(50);
    for (const name of ['dead 1', 'dead 2']) system.find(name);
    const third = system.find('third');
    system.fail('dead 1', UNAVAILABLE); // no answer of a DNS server's
    expect(await soon(system.find('fourth'))).toMatchObject({
      code: 'ERR_CHRONY_RESOLVE',
      message: expect.stringContaining("'fourth': no answer about any name in 50 ms; "),
    });
    system.answer('third');
    expect(await third).toBe(HOSTS);
  });

  it('all stand for longer while names are answered', async () => {
    const system = new System(50);
    for (const name of ['dead', 'a']) system.find(name);
    const last = Array.from({ length: 20 }, (_, i) => system.find(`${i}`)).at(-1);
    for (let i = 0; i < 21; i++) {
      await sleep(10);
      system.answer(system.asked[1] ?? '');
    }
    expect(await soon(last as Promise<unknown>)).toBe(HOSTS);
  });
});

it('ends at once when it is aborted, also when it was before', async () => {
  const system = new System();
  const stopping = new AbortController();
  const found = system.find('dead', LONG_MS, stopping.signal);
  const why = new Error('enough');
  stopping.abort(why);
  expect(await soon(found)).toBe(why);
  expect(await soon(system.find('other', LONG_MS, stopping.signal))).toBe(why);
  expect(system.asked).toEqual(['dead']);
});
