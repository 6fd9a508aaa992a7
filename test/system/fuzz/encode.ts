/** Encodes scripts as fuzzer inputs, which `target.c` reads. */

import { REPORTS } from '../../support/reports.ts';
import type { Script, Step } from '../native/script.ts';

/** `enum operation` of `target.c`. */
const operations = { count: 0, record: 1, answer: 2, datagram: 4, fail: 5, extension: 7 } as const;

/** The variants of `extension`. */
const extensions = { entry: 0, clients: 1, source: 2 } as const;

/** The names by number, as in `take_name` of `target.c`. */
const NAMES: readonly string[] = [...REPORTS, 'sourcename', 'clients', 'manual list'];

/** The variants of `fail`: the function that fails. */
const failures = { send: 0, entropy: 3 } as const;

/** The same as `MAX_TAKEN` in `bytes.h`: no reply has a longer body. */
const MAX_LENGTH = 500;

const HEADER = 28;

/** An input in which one client plays the script. */
export function encode(script: Script, client = 0): Uint8Array {
  return new Uint8Array(Buffer.concat(script.map((step) => encodeStep(step, client))));
}

/** An input in which two clients play their scripts alternately, step by step. */
export function encodeInTurn(first: Script, second: Script): Uint8Array {
  const steps = Array.from({ length: Math.max(first.length, second.length) }, (_, i) => [
    encode(first.slice(i, i + 1), 0),
    encode(second.slice(i, i + 1), 1),
  ]);
  return new Uint8Array(Buffer.concat(steps.flat()));
}

function encodeStep(step: Step, client: number): Uint8Array {
  const begin = (operation: keyof typeof operations, variant = 0): number =>
    operations[operation] + 8 * client + 32 * variant;
  switch (step.step) {
    case 'count':
      return Uint8Array.of(begin('count'), NAMES.indexOf(step.report));
    case 'record':
      return Uint8Array.of(begin('record'), NAMES.indexOf(step.report), ...bigEndian(step.index));
    case 'source':
      return Uint8Array.of(
        begin('extension', extensions.source),
        NAMES.indexOf(step.report),
        ...sized(new TextEncoder().encode(step.address)),
      );
    case 'clients':
      return Uint8Array.of(
        begin('extension', extensions.clients),
        ...bigEndian(step.first),
        ...bigEndian(step.minimum),
      );
    case 'entry':
      return Uint8Array.of(begin('extension', extensions.entry), ...bigEndian(step.index));
    case 'fail':
      return Uint8Array.of(begin('fail', failures[step.call]));
    case 'reply':
      return answers(step.datagram)
        ? Uint8Array.of(begin('answer'), ...encodeAnswer(step.datagram))
        : Uint8Array.of(begin('datagram'), ...sized(step.datagram));
  }
}

/**
 * True if the datagram can be encoded as an answer. `target.c` makes the header of an answer, so that it still matches after the
 * fuzzer has changed the request.
 */
function answers(datagram: Uint8Array): boolean {
  const rest = [2, 3, ...Array.from({ length: 18 }, (_, i) => i + 10)];
  return (
    datagram.length >= HEADER &&
    datagram[0] === 6 &&
    datagram[1] === 2 &&
    rest.every((i) => datagram[i] === 0)
  );
}

function encodeAnswer(datagram: Uint8Array): number[] {
  const view = new DataView(datagram.buffer, datagram.byteOffset);
  return [...small(view.getUint16(6)), ...small(view.getUint16(8)), ...sized(datagram.subarray(HEADER))];
}

function small(number: number): number[] {
  return number < 0x80 ? [number] : [0xff, number >> 8, number & 0xff];
}

function sized(bytes: Uint8Array): number[] {
  const kept = bytes.subarray(0, MAX_LENGTH);
  return [...(kept.length < 0xff ? [kept.length] : [0xff, kept.length >> 8, kept.length & 0xff]), ...kept];
}

function bigEndian(number: number): number[] {
  return [24, 16, 8, 0].map((shift) => (number >> shift) & 0xff);
}
