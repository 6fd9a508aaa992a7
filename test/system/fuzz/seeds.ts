/** Writes the fuzzer's first inputs into a folder: captured answers of servers, and random scripts. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { bodyLength, type ReplyCode } from '../../../src/testing/layouts.ts';
import { captureScripts } from '../native/captures.ts';
import { address, askedBy, exchanges, lookup, lookupReply, reply, requestsFor } from '../native/replies.ts';
import { SandboxPlayer } from '../native/sandbox-player.ts';
import type { Script, Step } from '../native/script.ts';
import { anyScript } from '../native/scripts.ts';
import { encode, encodeInTurn } from './encode.ts';

/** A script for one kind of answer, with a pattern in every byte. */
function scriptFor({ report, count, request, code }: (typeof exchanges)[number]): Script {
  const body = new Uint8Array(bodyLength(code)).map((_, i) => 17 * i + 1);
  const byAddress = request !== lookup && requestsFor[report].length > 1;
  const steps: Step[] = [count ? { step: 'count', report } : { step: 'record', report, index: 0 }];
  if (byAddress) steps.push({ step: 'reply', datagram: lookupReply(address(1, 192, 0, 2, 1)) });
  return [...steps, { step: 'reply', datagram: reply(request, code, body) }];
}

/** Scripts that random data rarely contain: every entry of a list in use, and a name without an end. */
function extensionScripts(): Script[] {
  const entries = [0, 7, 8, 15, 16, -1].map((index): Step => ({ step: 'entry', index }));
  const ones = (code: ReplyCode): Uint8Array => new Uint8Array(bodyLength(code)).fill(1);
  const answered = (code: number, kind: ReplyCode): Step => ({
    step: 'reply',
    datagram: reply(askedBy(code), kind, ones(kind)),
  });
  const scripts: Script[] = [
    [{ step: 'clients', first: 8, minimum: 1 }, answered(68, 21), ...entries],
    [{ step: 'record', report: 'manual list', index: 0 }, answered(41, 18), ...entries],
    [{ step: 'source', report: 'sourcename', address: '2001:db8::1' }, answered(65, 19)],
  ];
  for (const address of [
    '192.0.2.1',
    'ID#0000000007',
    '::ffff:192.0.2.1',
    '1::',
    '::',
    '1::2:3:4:5:6:7:8',
    '1.2.3.4x',
    'ID#',
    'ID#4294967296',
  ]) {
    scripts.push([{ step: 'source', report: 'ntpdata', address }]);
  }
  const lookedUp: Step[] = [
    { step: 'record', report: 'sourcestats', index: 3 },
    { step: 'reply', datagram: lookupReply(address(1, 192, 0, 2, 1)) },
  ];
  for (const index of [3, 4]) {
    scripts.push([...lookedUp, { step: 'record', report: 'authdata', index }]);
    scripts.push([...lookedUp, ...lookedUp.slice(0, 1), { step: 'record', report: 'ntpdata', index }]);
    scripts.push([
      { step: 'record', report: 'selectdata', index },
      answered(69, 23),
      { step: 'record', report: 'ntpdata', index: 3 },
    ]);
  }
  return scripts;
}

/** Inputs for each script alone, and for each alternating with the next. */
function inputsOf(scripts: readonly Script[]): Uint8Array[] {
  return scripts.flatMap((script, i) => [encode(script), encodeInTurn(script, scripts[i + 1] ?? [])]);
}

const [, , folder] = process.argv;
if (folder === undefined) throw new Error('which folder?');
const scripts = [
  ...(await captureScripts(new SandboxPlayer())),
  ...exchanges.map(scriptFor),
  ...extensionScripts(),
  ...fc.sample(anyScript, { seed: 1, numRuns: 500 }),
];
mkdirSync(folder, { recursive: true });
for (const input of inputsOf(scripts)) {
  writeFileSync(join(folder, createHash('sha1').update(input).digest('hex')), input);
}
