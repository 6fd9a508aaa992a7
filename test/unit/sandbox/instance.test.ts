/** The sandbox and its border. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ChronyError, ChronyLibraryError } from '../../../src/errors.ts';
import { Libchrony } from '../../../src/sandbox/instance.ts';
import { Session } from '../../../src/sandbox/session.ts';
import { REPORTS } from '../../support/reports.ts';

const binary = new Uint8Array(readFileSync('wasm/libchrony.wasm'));
/** `WebAssembly` as far as a look at a module needs it. */
interface ModuleReflection {
  Module: {
    imports(module: object): { module: string; name: string; kind: string }[];
    exports(module: object): { name: string; kind: string }[];
    new (bytes: Uint8Array): object;
  };
}
const { Module } = (globalThis as unknown as { WebAssembly: ModuleReflection }).WebAssembly;

describe('the binary', () => {
  it('imports what wasm/host.h documents and nothing else: no C standard I/O', () => {
    const documented = [...readFileSync('wasm/host.h', 'utf8').matchAll(/^HOST_IMPORT\((\w+)\)/gm)];
    expect(Module.imports(new Module(binary))).toEqual(
      documented.map(([, name]) => ({ module: 'chrony', name, kind: 'function' })),
    );
    expect(documented).toHaveLength(3);
  });

  it('exports what wasm/exports.txt lists, and the few things that emcc adds of itself', () => {
    const listed = readFileSync('wasm/exports.txt', 'utf8').trim().split('\n');
    const added = ['memory', '_initialize', '__indirect_function_table'];
    const stack = ['stackSave', 'stackRestore', 'stackAlloc'];
    const exported = Module.exports(new Module(binary)).map(({ name }) => name);
    expect(exported.sort()).toEqual([...listed.map((name) => name.slice(1)), ...added, ...stack].sort());
  });

  it('is at most 16 KB', () => {
    expect(binary.length).toBeLessThanOrEqual(16 * 1024);
  });

  it('knows the ten reports, in order', () => {
    const { reports } = new Libchrony(binary);
    expect(reports).toEqual(REPORTS);
    // the package's users are given them, and a report is asked for by its place
    expect(() => (reports as string[]).sort()).toThrow(TypeError);
  });
});

describe('a binary that is of no use', () => {
  const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  it.each([
    ['found damaged', null, 'is damaged'],
    ['empty', new Uint8Array(0), 'cannot be instantiated'],
    ['cut short', binary.slice(0, 5000), 'cannot be instantiated'],
    ['of another kind', new TextEncoder().encode('#!/bin/sh\n'), 'cannot be instantiated'],
    ['changed', binary.map((byte, i) => (i === 200 ? byte ^ 0xff : byte)), 'cannot be instantiated'],
    ['another module', empty, 'cannot be instantiated'],
  ])('%s: an error that says what to do', (_, bytes, what) => {
    const load = () => new Libchrony(bytes);
    expect(load).toThrow(ChronyLibraryError);
    expect(load).toThrow(what);
    expect(load).toThrow('reinstall chrony-wasm');
  });
});

describe('a host that fails', () => {
  const nothing = (): void => {};

  it('no entropy: an error, and no request', () => {
    const why = new Error('no randomness');
    const library = new Libchrony(binary, () => {
      throw why;
    });
    const session = new Session(library, 'here', () => expect.fail('it must not send'));
    expect(() => session.requestRecord('tracking', 0)).toThrow(
      expect.objectContaining({ name: 'ChronyLibraryError', errorCode: 4, cause: why }),
    );
    expect(session.needsResponse).toBe(false);
    session.close();
  });

  it('a socket that throws: its error is the cause', () => {
    const why = new Error('no cable');
    const session = new Session(new Libchrony(binary), 'here', () => {
      throw why;
    });
    expect(() => session.requestRecord('tracking', 0)).toThrow(
      expect.objectContaining({ name: 'ChronyConnectionError', errorCode: 5, cause: why }),
    );
    expect(session.needsResponse).toBe(false);
    session.close();
  });

  it('no memory: a library error for the session that is one too many, and the others go on', () => {
    const library = new Libchrony(binary);
    const sessions: Session[] = [];
    const fill = (): void => {
      for (let i = 0; i < 1_000_000; i++) sessions.push(new Session(library, 'here', nothing));
    };
    expect(fill).toThrow(expect.objectContaining({ name: 'ChronyLibraryError', errorCode: 1 }));
    expect(sessions.length).toBeGreaterThan(100_000);
    sessions[0]?.requestRecord('tracking', 0);
    expect(sessions[0]?.needsResponse).toBe(true);

    sessions.pop()?.close();
    new Session(library, 'here', nothing).close();
    for (const session of sessions) session.close();
  });
});

describe('a session', () => {
  const open = () => new Session(new Libchrony(binary), 'here', () => {});

  it('refuses a report that does not exist, and names those that do', () => {
    const session = open();
    expect(() => session.requestRecord('trackin', 0)).toThrow(
      expect.objectContaining({ name: 'ChronyDataError', errorCode: 3 }),
    );
    expect(() => session.requestNumberRecords('')).toThrow(REPORTS.join(', '));
    session.close();
  });

  it('refuses a datagram when nothing is outstanding', () => {
    const session = open();
    expect(() => session.process(new Uint8Array(28))).toThrow(expect.objectContaining({ errorCode: 8 }));
    session.close();
  });

  it('refuses a record that the report cannot have', () => {
    const session = open();
    expect(() => session.requestRecord('tracking', 1)).toThrow(expect.objectContaining({ errorCode: 7 }));
    expect(() => session.requestRecord('sources', -1)).toThrow(ChronyError);
    session.close();
  });

  it('holds no record before an answer', () => {
    const session = open();
    expect(session.record.length).toBe(0);
    session.requestRecord('tracking', 0);
    expect(session.record.toFields()).toEqual([]);
    expect(() => session.record.number('stratum')).toThrow("no field 'stratum'");
    session.close();
    session.close();
  });
});
