/** Scripts: the calls that a program makes on a session, and the datagrams that arrive. */
import type { ExtensionReportName, ReportName } from '../../../src/reports/index.ts';

/** A report of the C library, including its extensions. */
export type Name = ReportName | ExtensionReportName;

export type Step =
  | { readonly step: 'count'; readonly report: Name }
  | { readonly step: 'record'; readonly report: Name; readonly index: number }
  /** A record of the source with this address, which may be any text without white space. */
  | { readonly step: 'source'; readonly report: Name; readonly address: string }
  | { readonly step: 'clients'; readonly first: number; readonly minimum: number }
  /** Selects an entry of the held record. */
  | { readonly step: 'entry'; readonly index: number }
  /** The sequence number is relative to the last request's, since a script cannot know that: 0 is the same number. */
  | { readonly step: 'reply'; readonly datagram: Uint8Array }
  /** Makes the next call of this function fail. */
  | { readonly step: 'fail'; readonly call: 'send' | 'entropy' };

export type Script = readonly Step[];

/** Runs scripts, and returns a trace with the requests, the state and the held fields of each step. */
export interface Player {
  run(script: Script): Promise<string[]>;
}

/** The offset of the sequence number in a reply. */
const SEQUENCE = 16;

/** The reply with its relative sequence number made absolute, or the reverse. */
export function shiftSequence(reply: Uint8Array, by: Uint8Array): Uint8Array {
  return reply.map((byte, i) => byte ^ (by[i - SEQUENCE] ?? 0));
}

/** The sequence number in a request. */
export function sequenceOf(request: Uint8Array): Uint8Array {
  return request.subarray(8, 12);
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** The text of a script, as `replay.c` reads it. */
export function scriptText(script: Script): string {
  return [...script.map(stepText), 'end\n'].join('\n');
}

function stepText(step: Step): string {
  switch (step.step) {
    case 'count':
      return `count ${step.report}`;
    case 'record':
      return `record ${step.index} ${step.report}`;
    case 'source':
      return `source ${step.address} ${step.report}`;
    case 'clients':
      return `clients ${step.first} ${step.minimum}`;
    case 'entry':
      return `entry ${step.index}`;
    case 'reply':
      return `reply ${hex(step.datagram)}`;
    case 'fail':
      return `fail ${step.call}`;
  }
}
