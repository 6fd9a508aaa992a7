/** A compromised sandbox can send only read-only requests. */
import { describe, expect, it } from 'vitest';
import { ChronyLibraryError } from '../../../src/index.ts';
import { Libchrony, sharedLibchrony } from '../../../src/sandbox/instance.ts';
import { Session } from '../../../src/sandbox/session.ts';
import loadBinary from '../../../wasm/libchrony.wasm';
import { RESETTING, takeOver } from '../../support/take-over.ts';

/** The code of `tracking`, and a code that no report has. */
const TRACKING = 33;
const COMMAND = 3;

function codeOf(datagram: Uint8Array): number {
  return (datagram[4] ?? 0) * 256 + (datagram[5] ?? 0);
}

/** Requests tracking from a sandbox in which one byte of memory was changed. */
function requestWithChange(offset: number) {
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

it('a command is not sent, and the call fails', () => {
  const memory = new Uint8Array(new Libchrony(loadBinary()).c.memory.buffer);
  const places = [...memory.keys()].filter(
    (offset) => memory[offset] === TRACKING && memory[offset + 1] === 0,
  );
  const outcomes = places.map(requestWithChange);
  // one of these offsets contains the code for the request
  const commands = outcomes.filter(({ error }) => String(error).includes('request that is not allowed'));
  expect(commands).toEqual([{ sent: [], error: expect.any(ChronyLibraryError), isReplaced: true }]);
  for (const { sent } of outcomes) expect(sent).not.toContain(COMMAND);
});

describe('a sandbox that turns a name request into a reset of the client counters', () => {
  it('sends nothing, fails the call and is replaced', () => {
    sharedLibchrony().discard();
    const library = sharedLibchrony();
    takeOver(library);
    const sent: Uint8Array[] = [];
    const session = new Session(library, 'test', (datagram) => sent.push(datagram));
    expect(() => session.requestRecordOfSource('sourcename', RESETTING)).toThrow(
      expect.objectContaining({
        name: 'ChronyLibraryError',
        message: expect.stringContaining('tried to send a request that is not allowed; nothing was sent'),
      }),
    );
    expect(sent).toEqual([]);
    expect(sharedLibchrony()).not.toBe(library);
  });

  it('can send the same request for clients without the reset', () => {
    const library = new Libchrony(loadBinary());
    takeOver(library);
    const sent: Uint8Array[] = [];
    const session = new Session(library, 'test', (datagram) => sent.push(Uint8Array.from(datagram)));
    const KEEPING = '0:0:0:8::';
    // the address family would be behind the reset word
    expect(() => session.requestRecordOfSource('sourcename', KEEPING)).toThrow('request that is not allowed');
    library.discarded = false;
    session.requestClients(0, 0);
    expect(sent.map(codeOf)).toEqual([68]);
    expect(sent[0]).toHaveLength(520);
  });
});
