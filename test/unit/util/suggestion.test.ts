import { describe, expect, it } from 'vitest';
import { adviceFor, checkKeys, suggestion } from '../../../src/util/suggestion.ts';

const WORDS = ['stratum', 'silent', 'offset', 'rtc'];

describe('a suggestion', () => {
  it.each([
    ['strat', 'stratum'],
    ['silnet', 'silent'],
    ['osfset', 'offset'],
    ['STRATUM', 'stratum'],
    ['offsets', 'offset'],
    ['stratum', 'stratum'],
  ])('for %s is %s', (word, meant) => {
    expect(suggestion(word, WORDS)).toBe(meant);
    expect(adviceFor(word, WORDS, 'the words are')).toBe(`did you mean '${meant}'?`);
  });

  it.each(['str', 'skew', '', 'rt', 'tr'])('is not made for %j if no word is similar', (word) => {
    // two of three letters are too few to tell
    expect(suggestion(word, word === 'rt' || word === 'tr' ? ['rtcdata'] : WORDS)).toBeUndefined();
  });

  it('is replaced by the list of all words', () => {
    expect(adviceFor('skew', WORDS, 'the words are')).toBe('the words are: stratum, silent, offset, rtc');
    expect(adviceFor('skew', [], 'the words are')).toBe('the words are: ');
  });
});

describe('checkKeys()', () => {
  it('accepts known properties', () => {
    checkKeys({}, WORDS, 'make()');
    checkKeys({ rtc: undefined, offset: 1 }, WORDS, 'make()');
  });

  it('names the unknown property, its place and a suggestion', () => {
    expect(() => checkKeys({ offset: 1, strat: 1 }, WORDS, 'make()')).toThrow(
      new TypeError("make(): unknown property 'strat'; did you mean 'stratum'?"),
    );
    expect(() => checkKeys({ skew: 1 }, WORDS, 'make()', 'tracking')).toThrow(
      new TypeError(
        "make(): unknown property 'tracking.skew'; the properties are: stratum, silent, offset, rtc",
      ),
    );
  });

  it.each([
    [null, 'null'],
    [undefined, 'undefined'],
    [5, '5'],
    ['text', 'text'],
    [[], 'an array'],
  ])('rejects %j', (given, type) => {
    expect(() => checkKeys(given, WORDS, 'make()')).toThrow(
      new TypeError(`make() takes an object, not ${type}`),
    );
    expect(() => checkKeys(given, WORDS, 'make()', 'faults')).toThrow(
      new TypeError(`make(): faults takes an object, not ${type}`),
    );
  });
});
