/** Writes the fuzzer's first inputs into a folder: what servers really answer, and scripts at random. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { bodyLength } from '../../../src/testing/layouts.ts';
import { captureLife } from '../native/captures.ts';
import { address, exchanges, lookup, lookupReply, reply, requestsFor } from '../native/replies.ts';
import { SandboxPlayer } from '../native/sandbox-player.ts';
import type { Script, Step } from '../native/script.ts';
import { anyScript } from '../native/scripts.ts';
import { encode, encodeInTurn } from './encode.ts';

/** One answer of every kind, with something in every byte. */
function scriptFor({ report, count, asked, code }: (typeof exchanges)[number]): Script {
  const body = new Uint8Array(bodyLength(code)).map((_, i) => 17 * i + 1);
  const byAddress = asked !== lookup && requestsFor[report].length > 1;
  const steps: Step[] = [count ? { step: 'count', report } : { step: 'record', report, index: 0 }];
  if (byAddress) steps.push({ step: 'reply', datagram: lookupReply(address(1, 192, 0, 2, 1)) });
  return [...steps, { step: 'reply', datagram: reply(asked, code, body) }];
}

/** Each script alone, and each beside the next. */
function inputsOf(scripts: readonly Script[]): Uint8Array[] {
  return scripts.flatMap((script, i) => [encode(script), encodeInTurn(script, scripts[i + 1] ?? [])]);
}

const [, , folder] = process.argv;
if (folder === undefined) throw new Error('which folder?');
const scripts = [
  ...(await captureLife(new SandboxPlayer())),
  ...exchanges.map(scriptFor),
  ...fc.sample(anyScript, { seed: 1, numRuns: 500 }),
];
mkdirSync(folder, { recursive: true });
for (const input of inputsOf(scripts)) {
  writeFileSync(join(folder, createHash('sha1').update(input).digest('hex')), input);
}
