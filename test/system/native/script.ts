/** Scripts: what a program does with a session, and what arrives for it. */
import type { ExtensionReportName, ReportName } from '../../../src/reports/index.ts';

/** A report of the C library, its extensions included. */
export type Name = ReportName | ExtensionReportName;

export type Step =
  | { readonly step: 'count'; readonly report: Name }
  | { readonly step: 'record'; readonly report: Name; readonly index: number }
  /** A record of the source with an address, which is any text without white space. */
  | { readonly step: 'source'; readonly report: Name; readonly address: string }
  | { readonly step: 'clients'; readonly first: number; readonly minimum: number }
  /** Selects an entry of the record held. */
  | { readonly step: 'entry'; readonly index: number }
  /** The sequence number is relative to the last request's, which a script cannot know: 0 is the same. */
  | { readonly step: 'reply'; readonly datagram: Uint8Array }
  /** The next time this is called, it fails. */
  | { readonly step: 'fail'; readonly call: 'send' | 'entropy' };

export type Script = readonly Step[];

/** Runs scripts, and tells in lines what came of each step: requests sent, the state afterwards, fields held. */
export interface Player {
  run(script: Script): Promise<string[]>;
}

/** Where a reply has the sequence number. */
const SEQUENCE = 16;

/** A reply with a relative sequence number made absolute, and the other way round. */
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

/** As `replay.c` reads it. */
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
