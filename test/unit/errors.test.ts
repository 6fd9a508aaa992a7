import { describe, expect, it } from 'vitest';
import {
  ChronyConnectionError,
  ChronyDataError,
  ChronyError,
  ChronyLibraryError,
  ChronyPermissionError,
  ChronyTimeoutError,
} from '../../src/index.ts';
import { isAnswer, libraryError } from '../../src/sandbox/errors.ts';
import { sharedLibchrony } from '../../src/sandbox/instance.ts';

describe('the error classes', () => {
  it.each([
    [ChronyError, 'ChronyError', 'ERR_CHRONY', []],
    [ChronyConnectionError, 'ChronyConnectionError', 'ERR_CHRONY_CONNECTION', []],
    [ChronyTimeoutError, 'ChronyTimeoutError', 'ERR_CHRONY_TIMEOUT', [ChronyConnectionError]],
    [ChronyPermissionError, 'ChronyPermissionError', 'ERR_CHRONY_PERMISSION', []],
    [ChronyDataError, 'ChronyDataError', 'ERR_CHRONY_DATA', []],
    [ChronyLibraryError, 'ChronyLibraryError', 'ERR_CHRONY_LIBRARY', []],
  ])('%o', (Class, name, code, parents) => {
    const cause = new Error('why');
    const error = new Class('what', { cause, errorCode: 5 });
    for (const parent of [Error, ChronyError, ...parents]) expect(error).toBeInstanceOf(parent);
    expect(error).toMatchObject({ name, code, message: 'what', cause, errorCode: 5 });
    expect(new Class('what')).toHaveProperty('errorCode', null);
    expect(String(error)).toBe(`${name}: what`);
  });

  it('are distinct', () => {
    expect(new ChronyPermissionError('')).not.toBeInstanceOf(ChronyConnectionError);
    expect(new ChronyConnectionError('')).not.toBeInstanceOf(ChronyTimeoutError);
  });
});

describe("libchrony's error numbers", () => {
  it.each([
    [1, ChronyLibraryError],
    [2, ChronyLibraryError],
    [3, ChronyDataError],
    [4, ChronyLibraryError],
    [5, ChronyConnectionError],
    [6, ChronyConnectionError],
    [7, ChronyDataError],
    [8, ChronyLibraryError],
    [9, ChronyPermissionError],
    [10, ChronyDataError],
    [11, ChronyDataError],
    [12, ChronyDataError],
    [13, ChronyDataError],
    [14, ChronyDataError],
    [99, ChronyError],
  ])('%i has its class, a sentence and advice', (number, Class) => {
    const sentence = sharedLibchrony().errorString(number);
    const error = libraryError(number, sentence, 'tracking', 'here');
    expect(error.constructor).toBe(Class);
    expect(error.errorCode).toBe(number);
    expect(error.message).toMatch(/^tracking from here: [A-Zc][^;]+; \S.{10,}/);
    expect(isAnswer(error)).toBe(number >= 9);
  });

  it('the error for a denied report names opencommands', () => {
    const { message } = libraryError(9, 'no', 'ntpdata', 'here');
    expect(message).toMatch(/opencommands .*tracking.*serverstats$/);
  });

  it('the advice names `clients` only if that report is denied', () => {
    expect(libraryError(9, 'no', 'clients', 'here').message).toMatch(/opencommands .*serverstats clients$/);
  });
});
