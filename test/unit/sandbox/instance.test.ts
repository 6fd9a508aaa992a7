/** The WebAssembly binary and its instance. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ChronyLibraryError } from '../../../src/errors.ts';
import { Libchrony } from '../../../src/sandbox/instance.ts';
import { REPORTS } from '../../support/reports.ts';

const binary = new Uint8Array(readFileSync('wasm/libchrony.wasm'));
/** The part of `WebAssembly` that is needed to inspect a module. */
interface ModuleReflection {
  Module: {
    imports(module: object): { module: string; name: string; kind: string }[];
    exports(module: object): { name: string; kind: string }[];
    new (bytes: Uint8Array): object;
  };
}
const { Module } = (globalThis as unknown as { WebAssembly: ModuleReflection }).WebAssembly;

describe('the binary', () => {
  it('imports only the functions documented in wasm/host.h: no C standard I/O', () => {
    const documented = [...readFileSync('wasm/host.h', 'utf8').matchAll(/^HOST_IMPORT\((\w+)\)/gm)];
    expect(Module.imports(new Module(binary))).toEqual(
      documented.map(([, name]) => ({ module: 'chrony', name, kind: 'function' })),
    );
    expect(documented).toHaveLength(3);
  });

  it('exports the functions listed in wasm/exports.txt, and a few that emcc adds', () => {
    const listed = readFileSync('wasm/exports.txt', 'utf8').trim().split('\n');
    const added = ['memory', '_initialize', '__indirect_function_table'];
    const stack = ['stackSave', 'stackRestore', 'stackAlloc'];
    const exported = Module.exports(new Module(binary)).map(({ name }) => name);
    expect(exported.sort()).toEqual([...listed.map((name) => name.slice(1)), ...added, ...stack].sort());
  });

  it('is at most 18 KB', () => {
    expect(binary.length).toBeLessThanOrEqual(18 * 1024);
  });

  it('has the ten reports in order', () => {
    const { reports } = new Libchrony(binary);
    expect(reports).toEqual(REPORTS);
    // users of the package get this list, and reports are requested by index
    expect(() => (reports as string[]).sort()).toThrow(TypeError);
  });

  it('has three additional requests that are not reports', () => {
    const { reports, allReports } = new Libchrony(binary);
    expect(allReports).toEqual([...reports, 'sourcename', 'clients', 'manual list']);
  });

  it('receives an address as a C string: at most 63 ASCII characters and a NUL', () => {
    const library = new Libchrony(binary);
    const memory = (): number[] => [
      ...new Uint8Array(library.c.memory.buffer, library.c.glue_get_address(), 65),
    ];
    const before = memory();
    library.setAddress(`1\0\u{ff}\u0101${'x'.repeat(100)}`);
    const written = [0x31, 0x7f, 0x7f, 0x7f, ...new Array(59).fill(0x78), 0];
    expect(memory()).toEqual([...written, before[64]]);
    library.setAddress('::1');
    expect(memory().slice(0, 5)).toEqual([0x3a, 0x3a, 0x31, 0, 0x78]);
  });
});

describe('an invalid binary', () => {
  const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  it.each([
    ['that is damaged', null, 'is damaged'],
    ['that is empty', new Uint8Array(0), 'cannot be instantiated'],
    ['that is truncated', binary.slice(0, 5000), 'cannot be instantiated'],
    ['of another file type', new TextEncoder().encode('#!/bin/sh\n'), 'cannot be instantiated'],
    [
      'with a changed byte',
      binary.map((byte, i) => (i === 200 ? byte ^ 0xff : byte)),
      'cannot be instantiated',
    ],
    ['of another module', empty, 'cannot be instantiated'],
  ])('%s throws an error with advice', (_, bytes, problem) => {
    const load = () => new Libchrony(bytes);
    expect(load).toThrow(ChronyLibraryError);
    expect(load).toThrow(problem);
    expect(load).toThrow('reinstall chrony-wasm');
  });
});
