/**
 * `make prose`: checks the spelling and the style of documents, comments and messages by the rules in prose.yaml. The arguments
 * are the files to check, by default all files of the repository.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { TextlintKernel } from '@textlint/kernel';
import markdown from '@textlint/textlint-plugin-markdown';
import pattern from '@textlint-rule/textlint-rule-pattern';
import { spellCheckDocument } from 'cspell-lib';
import sentenceLength from 'textlint-rule-sentence-length';
import { parse } from 'yaml';
import { proseOf } from './prose-of.mjs';

const rules = parse(readFileSync(new URL('prose.yaml', import.meta.url), 'utf8'));

const style = {
  ext: '.md',
  plugins: [{ pluginId: 'markdown', plugin: markdown.default ?? markdown }],
  rules: [
    {
      ruleId: 'sentence-length',
      rule: sentenceLength.default ?? sentenceLength,
      // A reader takes in a reference to files or commands at one glance.
      options: { max: rules.longestSentence, skipPatterns: ['/\\s*\\(`?(?:test|src|wasm|make)[^()]*\\)/'] },
    },
    {
      ruleId: 'pattern',
      rule: pattern.default ?? pattern,
      options: {
        patterns: rules.phrases.map(({ find, write }) => ({
          pattern: `/\\b(?:${find.replaceAll(' ', '\\s+')})\\b/i`,
          message: `Write: ${write}`,
        })),
      },
    },
  ],
};

const kernel = new TextlintKernel();

const spelling = {
  name: 'prose',
  language: 'en-US',
  words: `${rules.words} ${rules.wordsOfTests}`.split(' '),
  ignoreRegExpList: ['Urls', ...rules.quotations],
  maxNumberOfProblems: 10_000,
  maxDuplicateProblems: 10_000,
};

const NEITHER_WORD_NOR_LINE_BREAK = /[^\n]/g;
/** Code, addresses, paths, options and names with digits. */
const NO_WORDS = /```[\s\S]*?```|`[^`]*`|\S*[\d@/_\\$=<>]\S*/g;

/** Finds the unknown words of all files in one joined text, since starting a check takes longer than the check itself. */
async function unknownWords(documents) {
  const starts = [];
  const texts = [];
  let line = 1;
  for (const { path, text } of documents) {
    starts.push({ path, line });
    texts.push(text.replaceAll(NO_WORDS, (code) => code.replaceAll(NEITHER_WORD_NOR_LINE_BREAK, ' ')));
    line += text.split('\n').length;
  }
  const { issues } = await spellCheckDocument(
    { uri: 'file:///prose.md', text: texts.join('\n'), languageId: 'markdown' },
    { generateSuggestions: false, noConfigSearch: true },
    spelling,
  );
  return issues.map(({ line: { position }, text: word }) => {
    const start = starts.findLast(({ line }) => line <= position.line + 1);
    return { path: start.path, line: position.line + 2 - start.line, message: `Unknown word: ${word}` };
  });
}

async function stumblingBlocks({ path, text }) {
  const { messages } = await kernel.lintText(text, { ...style, filePath: `${path}.md` });
  return messages.map(({ line, message }) => ({ path, line, message: message.replace(/^Line \d+ /, '') }));
}

function pathsInRepository() {
  const paths = execFileSync('git', ['ls-files'], { encoding: 'utf8' }).trimEnd().split('\n');
  return paths.filter((path) => existsSync(path) && !rules.unchecked.includes(path));
}

const paths = process.argv.length > 2 ? process.argv.slice(2) : pathsInRepository();
const documents = paths
  .map((path) => ({ path, text: proseOf(path, readFileSync(path, 'utf8')) }))
  .filter(({ text }) => text !== null);
const findings = [
  ...(await unknownWords(documents)),
  ...(await Promise.all(documents.map(stumblingBlocks))).flat(),
];
for (const { path, line, message } of findings)
  console.error(`${path}:${line} ${message.replaceAll(/\s+/g, ' ')}`);
if (findings.length > 0) {
  console.error(
    `${findings.length} findings. The rules and the known words are in test/tooling/prose/prose.yaml.`,
  );
  process.exitCode = 1;
}
