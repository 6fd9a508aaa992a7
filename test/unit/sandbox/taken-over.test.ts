/** A sandbox that was taken over: whatever it wants to send, only questions leave it. */
import { describe, expect, it } from 'vitest';
import { ChronyLibraryError } from '../../../src/index.ts';
import { isAllowed } from '../../../src/sandbox/allowed-requests.ts';
import { Libchrony, sharedLibchrony } from '../../../src/sandbox/instance.ts';
import { Session } from '../../../src/sandbox/session.ts';
import loadBinary from '../../../wasm/libchrony.wasm';

/** The code of `tracking`, and one that no report has. */
const TRACKING = 33;
const COMMAND = 3;

function codeOf(datagram: Uint8Array): number {
  return (datagram[4] ?? 0) * 256 + (datagram[5] ?? 0);
}

/** Asks for tracking by a sandbox in which one byte of its memory is another. */
function askWith(offset: number) {
  sharedLibchrony().discard();
  const library = sharedLibchrony();
  const memory = new Uint8Array(library.c.memory.buffer);
  memory[offset] = COMMAND;
  const sent: number[] = [];
  let error: unknown = null;
  const session = new Session(library, 'test', (datagram) => sent.push(codeOf(datagram)));
  try {
    session.requestRecord('tracking', 0);
  } catch (thrown) {
    error = thrown;
  }
  return { sent, error, isReplaced: sharedLibchrony() !== library };
}

it('a command does not leave it, and the call fails', () => {
  const memory = new Uint8Array(new Libchrony(loadBinary()).c.memory.buffer);
  const places = [...memory.keys()].filter(
    (offset) => memory[offset] === TRACKING && memory[offset + 1] === 0,
  );
  const outcomes = places.map(askWith);
  // at one of these places is the code that it puts into the request
  const commands = outcomes.filter(({ error }) => String(error).includes('not a question'));
  expect(commands).toEqual([{ sent: [], error: expect.any(ChronyLibraryError), isReplaced: true }]);
  for (const { sent } of outcomes) expect(sent).not.toContain(COMMAND);
});

describe('a request', () => {
  const request = (version: number, type: number, code: number): Uint8Array =>
    Uint8Array.of(version, type, 0, 0, code >> 8, code & 0xff, ...new Uint8Array(98));

  it.each([
    ['of another version', request(5, 1, TRACKING)],
    ['that is a reply', request(6, 2, TRACKING)],
    ['without a code', Uint8Array.of(6, 1)],
    ['without anything', new Uint8Array(0)],
  ])('%s is none', (_, datagram) => {
    expect(isAllowed(datagram)).toBe(false);
  });

  it('of any code is a question, or does not leave', () => {
    const leaving = Array.from({ length: 0x10000 }, (_, code) => code).filter((code) =>
      isAllowed(request(6, 1, code)),
    );
    expect(leaving).toEqual([14, 15, 33, 34, 35, 44, 51, 54, 57, 67, 69]);
  });
});
