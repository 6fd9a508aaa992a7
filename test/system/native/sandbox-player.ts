/** Plays scripts in the sandbox, through the package's own host. */
import { ChronyError } from '../../../src/errors.ts';
import { fieldContents, fieldTypes, type ReportField } from '../../../src/reports/report-field.ts';
import { Libchrony } from '../../../src/sandbox/instance.ts';
import type { StringPointer } from '../../../src/sandbox/interface.ts';
import { Session } from '../../../src/sandbox/session.ts';
import loadBinary from '../../../wasm/libchrony.wasm';
import { hex, type Player, type Script, type Step, sequenceOf, shiftSequence } from './script.ts';

/** `GLUE_MAX_FIELDS` of `wasm/record.h`: the record has that many doubles, pointers to names, and pointers to texts. */
const MAX_FIELDS = 64;

/** A step that makes a request. */
export type Request = Extract<Step, { step: 'count' | 'record' | 'source' | 'clients' }>;

/** @throws ChronyError */
export function makeRequest(session: Session, step: Request): void {
  switch (step.step) {
    case 'count':
      session.requestNumberRecords(step.report);
      break;
    case 'record':
      session.requestRecord(step.report, step.index);
      break;
    case 'source':
      session.requestRecordOfSource(step.report, step.address);
      break;
    case 'clients':
      session.requestClients(step.first, step.minimum);
  }
}

export class SandboxPlayer implements Player {
  readonly #library = new Libchrony(loadBinary(), (bytes) => this.#entropy(bytes));
  #trace: string[] = [];
  #requests = 0;
  #sequence: Uint8Array = new Uint8Array(4);
  #failing: 'send' | 'entropy' | null = null;
  /** The last request. */
  request: Uint8Array | null = null;

  /** Plays a script in a new session, with the same random numbers each time. */
  async run(script: Script): Promise<string[]> {
    const player = this.start();
    for (const step of script) player.play(step);
    return player.end();
  }

  /** Starts a session for a script that is played step by step. */
  start(): { play(step: Step): void; end(): string[] } {
    this.#trace = [];
    this.#requests = 0;
    this.#sequence = new Uint8Array(4);
    this.#failing = null;
    this.request = null;
    const session = new Session(this.#library, 'script', (datagram) => this.#send(datagram));
    return {
      play: (step) => {
        const error = errorCodeOf(() => this.#do(session, step));
        this.#trace.push(...this.#stateOf(session, error));
      },
      end: () => {
        session.close();
        return this.#trace;
      },
    };
  }

  #do(session: Session, step: Step): void {
    switch (step.step) {
      case 'entry':
        session.entry(step.index);
        break;
      case 'reply':
        session.process(shiftSequence(step.datagram, this.#sequence));
        break;
      case 'fail':
        this.#failing = step.call;
        break;
      default:
        makeRequest(session, step);
    }
  }

  #send(datagram: Uint8Array): void {
    this.#failIf('send');
    this.request = datagram;
    this.#sequence = sequenceOf(datagram);
    this.#trace.push(`sent ${hex(datagram)}`);
  }

  #entropy(bytes: Uint8Array<ArrayBuffer>): void {
    this.#requests += 1;
    this.#failIf('entropy');
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(0, Math.imul(this.#requests, 0x9e3779b1) >>> 0);
  }

  #stateOf(session: Session, error: number): string[] {
    const fields = session.record.toFields();
    const needs = session.needsResponse ? 1 : 0;
    return [
      `error ${error}, needs response ${needs}, records ${session.numberRecords}, fields ${fields.length}`,
      ...(session.numberEntries > 0 ? [`entries ${session.numberEntries}`] : []),
      ...fields.map((field, place) => this.#fieldText(field, place)),
    ];
  }

  #fieldText({ name, type, content, value, text }: ReportField, place: number): string {
    const numbers = [fieldTypes.indexOf(type), fieldContents.indexOf(content)];
    const shown = typeof value === 'string' ? escaped(this.#bytesOf(place)) : valueText(value);
    return [name, ...numbers, shown, text ?? ''].join('\t');
  }

  /** A text of the last record as the C library has it: one character per byte. */
  #bytesOf(place: number): string {
    const { c } = this.#library;
    const texts = new Uint32Array(c.memory.buffer, c.glue_get_record() + MAX_FIELDS * (8 + 4), MAX_FIELDS);
    return this.#library.string(texts[place] as StringPointer) ?? '';
  }

  #failIf(call: 'send' | 'entropy'): void {
    if (this.#failing !== call) return;
    this.#failing = null;
    throw new Error(`${call} fails, as the script says`);
  }
}

function errorCodeOf(work: () => void): number {
  try {
    work();
    return 0;
  } catch (error) {
    if (error instanceof ChronyError && error.errorCode !== null) return error.errorCode;
    throw error;
  }
}

function valueText(value: Exclude<ReportField['value'], string>): string {
  if (value === null) return 'NULL';
  if (typeof value === 'number') return bitsOf(value);
  if (typeof value === 'object') return `${value.seconds} ${value.nanoseconds}`;
  return String(value);
}

/** A text of one character per byte, with a backslash and each byte that is not printable ASCII as a number. */
function escaped(text: string): string {
  return text.replace(/[^ -~]|\\/g, (byte) => `\\${byte.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

function bitsOf(value: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0).toString(16).padStart(16, '0');
}
