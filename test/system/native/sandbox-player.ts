/** Plays scripts in the sandbox, through the package's own host of it. */
import { ChronyError } from '../../../src/errors.ts';
import { fieldContents, fieldTypes, type ReportField } from '../../../src/reports/report-field.ts';
import { Libchrony } from '../../../src/sandbox/instance.ts';
import { Session } from '../../../src/sandbox/session.ts';
import loadBinary from '../../../wasm/libchrony.wasm';
import { hex, type Player, type Script, type Step, sequenceOf, shiftSequence } from './script.ts';

export class SandboxPlayer implements Player {
  readonly #library = new Libchrony(loadBinary(), (bytes) => this.#entropy(bytes));
  #trace: string[] = [];
  #requests = 0;
  #sequence: Uint8Array = new Uint8Array(4);
  #failing: 'send' | 'entropy' | null = null;
  /** The request sent last. */
  request: Uint8Array | null = null;

  /** Every script begins with a session of its own, and counts its random numbers from the same one. */
  async run(script: Script): Promise<string[]> {
    const player = this.start();
    for (const step of script) player.play(step);
    return player.end();
  }

  /** Plays a script step by step. */
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
        this.#trace.push(...stateOf(session, error));
      },
      end: () => {
        session.close();
        return this.#trace;
      },
    };
  }

  #do(session: Session, step: Step): void {
    switch (step.step) {
      case 'count':
        session.requestNumberRecords(step.report);
        break;
      case 'record':
        session.requestRecord(step.report, step.index);
        break;
      case 'reply':
        session.process(shiftSequence(step.datagram, this.#sequence));
        break;
      case 'fail':
        this.#failing = step.call;
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

function stateOf(session: Session, error: number): string[] {
  const fields = session.record.toFields();
  const needs = session.needsResponse ? 1 : 0;
  return [
    `error ${error}, needs response ${needs}, records ${session.numberRecords}, fields ${fields.length}`,
    ...fields.map(fieldText),
  ];
}

function fieldText({ name, type, content, value, text }: ReportField): string {
  const numbers = [fieldTypes.indexOf(type), fieldContents.indexOf(content)];
  return [name, ...numbers, valueText(value), text ?? ''].join('\t');
}

function valueText(value: ReportField['value']): string {
  if (value === null) return 'NULL';
  if (typeof value === 'number') return bitsOf(value);
  if (typeof value === 'object') return `${value.seconds} ${value.nanoseconds}`;
  return String(value);
}

function bitsOf(value: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0).toString(16).padStart(16, '0');
}
