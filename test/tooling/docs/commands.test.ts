/** Every command in the documents works exactly as it is written. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { maxClockErrorHint } from '../../../src/clock/max-clock-error.ts';
import { CommandLine } from '../../integration/cli/support.ts';
import { type Pair, startPair } from '../../support/pair.ts';
import { checkConfiguration } from '../../support/prometheus.ts';
import { Project } from '../../system/package/support/build.ts';
import { blocksIn, commandsNamed } from './support/documents.ts';
import { Shell } from './support/shell.ts';

/** The configuration that commands refer to as web.yml. */
const webConfig = blocksIn('yaml').find(({ code }) => code.includes('tls_server_config:'));

let pair: Pair;
let shell: Shell;
beforeAll(async () => {
  pair = await startPair();
  shell = new Shell((await CommandLine.build()).program, pair.client.socketPath, webConfig?.code ?? '');
});
afterAll(async () => {
  shell?.[Symbol.dispose]();
  await pair?.[Symbol.asyncDispose]();
});

const commands = blocksIn('sh').flatMap(({ document, code }) =>
  code
    .replaceAll('\\\n', '')
    .split('\n')
    .map((command) => ({ document, command: command.replaceAll(/ +/g, ' ') })),
);
const ours = commands.filter(({ command }) => /^(npx )?chrony-wasm /.test(command));

/** Matches commands that start a server. */
const SERVES = / serve\b| fleet\b.* --listen /;

/** The command, but with a server that listens on a free port, and only on the loopback. */
function onLoopback(command: string): string {
  if (!SERVES.test(command)) return command;
  return command.includes('--listen')
    ? command.replace(/ :?9123\b/, ' 127.0.0.1:0')
    : command.replace(' serve', ' serve --listen 0');
}

/** The output that shows that a command without an end has started; undefined for a command that ends. */
function readyOutput(command: string): RegExp | undefined {
  if (SERVES.test(command)) return /listening on/;
  return / watch\b/.test(command) ? /\n/ : undefined;
}

describe('a chrony-wasm command', () => {
  it.each(ours)('$command, in $document', async ({ command }) => {
    // Output that goes to a file is also printed, so that it can be checked.
    const visible = command.replace(/>>(\S+)/, '| tee $1');
    const { status, stdout, stderr } = await shell.run(onLoopback(visible), readyOutput(command));
    // npx returns no exit status of its own when Ctrl-C ends both processes.
    expect(status).toBe(command.startsWith('npx') && readyOutput(command) ? 'SIGINT' : 0);
    // A server writes its log to stderr.
    if (SERVES.test(command)) return;
    expect(stdout).not.toBe('');
    expect(stderr).toBe('');
  });

  it.each(blocksIn('console'))('prints the documented output, $document', async ({ code }) => {
    const [command = '', ...printed] = code.split('\n');
    const { stdout } = await shell.run(command.replace('$ ', ''));
    // The figures may differ.
    const withoutFigures = (text: string) => text.trimEnd().replaceAll(/-?[\d.]+/g, '0');
    expect(withoutFigures(stdout)).toBe(withoutFigures(printed.join('\n')));
  });
});

describe('any other command', () => {
  const others = commands.filter((each) => !ours.includes(each));
  const inContainer = [
    'docker build -f docker/exporter.Dockerfile -t chrony-wasm .',
    'docker run --network host chrony-wasm',
  ];

  it('is one of the following', () => {
    const distinct = new Set(others.map(({ command }) => command));
    expect([...distinct].sort()).toEqual([
      ...inContainer,
      'git checkout v0.1.0 && make verify-published VERSION=0.1.0',
      'npm ci && npm run test:unit',
      'npm install chrony-wasm',
    ]);
  });

  it.each(inContainer)('%s: is also in the comments of the Dockerfile', (command) => {
    expect(readFileSync('docker/exporter.Dockerfile', 'utf8').split('\n')).toContain(`#   ${command}`);
  });

  it('npm install: installs the package in an empty project', async () => {
    await using project = await Project.make();
    expect(existsSync(project.installed)).toBe(true);
  });

  it('git checkout: names the version of this source', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(others.map(({ command }) => command)).toContain(
      `git checkout v${version} && make verify-published VERSION=${version}`,
    );
  });

  it.each([...commandsNamed('npm'), ...others.filter(({ command }) => / npm run /.test(command))])(
    '$command, in $document: the script exists',
    ({ command }) => {
      const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
      for (const [, name = ''] of command.matchAll(/npm run (\S+)/g)) expect(scripts).toHaveProperty([name]);
    },
  );

  it.each(commandsNamed('npx').filter(({ command }) => command.startsWith('npx vitest ')))(
    '$command, in $document: the tests exist',
    ({ command }) => {
      const paths = command.split(' ').filter((word) => word.startsWith('test/'));
      expect(paths.length).toBeGreaterThan(0);
      expect(paths.filter((path) => !existsSync(path))).toEqual([]);
    },
  );

  it.each(commandsNamed('make').filter(({ command }) => /\bTESTS=/.test(command)))(
    '$command, in $document: the tests exist',
    ({ command }) => {
      const [, paths = ''] = /\bTESTS=("[^"]*"|\S+)/.exec(command) ?? [];
      expect(
        paths
          .replaceAll('"', '')
          .split(' ')
          .filter((path) => !existsSync(path)),
      ).toEqual([]);
    },
  );

  it.each(commandsNamed('make'))('$command, in $document: the target exists', ({ command }) => {
    const makefiles = ['Makefile', 'wasm/build.mk', 'test/system/fuzz/fuzz.mk'];
    const text = makefiles.map((path) => readFileSync(path, 'utf8')).join('\n');
    const words = command.replaceAll(/\w+=("[^"]*"|\S+)/g, '').split(' ');
    const targets = words.slice(1).filter(Boolean);
    expect(targets).not.toEqual([]);
    for (const target of targets) expect(text).toMatch(new RegExp(`^${target}:`, 'm'));
  });

  it.each(commandsNamed('docker'))('$command, in $document: its files and services exist', ({ command }) => {
    const file = / -f (\S+)/.exec(command)?.[1] ?? '';
    const text = readFileSync(file, 'utf8');
    const service = / run --rm (\S+)/.exec(command)?.[1];
    if (service !== undefined) expect(Object.keys(parse(text).services)).toContain(service);
  });
});

describe('a configuration', () => {
  it.each(blocksIn('yaml').filter((block) => block !== webConfig))(
    'of Prometheus, $document',
    async ({ code }) => {
      expect(await checkConfiguration(code)).toBe('');
    },
  );

  it.each(blocksIn('conf'))(
    'of chronyd, $document, is the one recommended by the error for a denied report or by the hint of a bound',
    ({ code }) => {
      const source = new URL('../../../src/sandbox/errors.ts', import.meta.url);
      const advised = readFileSync(fileURLToPath(source), 'utf8') + maxClockErrorHint(1);
      expect([advised.includes(`'${code}'`), advised.includes(`"${code}"`)]).toContain(true);
    },
  );
});
