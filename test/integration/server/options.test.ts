/** The options of the server, and the messages about invalid ones. */
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chronyd } from '../../support/chronyd.ts';
import { mustRun, run } from '../../system/package/support/run.ts';
import { CommandLine, InstalledCommandLine } from '../cli/support.ts';
import { Serving } from './serving.ts';

let commandLine: CommandLine;
beforeAll(async () => {
  commandLine = await CommandLine.build();
});

it.concurrent.each<[args: readonly string[], complaint: string]>([
  ...[
    '',
    'x',
    '65536',
    '-1',
    ':',
    ':x',
    'a b:1',
    '::1:9123',
    '[127.0.0.1]:1',
    '[::1]',
    '*.x:1',
    '1.2.3.4',
    'http://x:1',
  ].map((listen): [readonly string[], string] => [
    [`--listen=${listen}`],
    '--listen needs a port, or an address and a port like ',
  ]),
  [['--interval', '0.4'], '--interval of serve needs seconds from 0.5 to 60'],
  [['--interval', '61'], '--interval of serve needs seconds from 0.5 to 60'],
  [['--interval', 'often'], '--interval needs seconds'],
  [['--reports', 'tracking,nonsense'], '--reports needs some of: all,tracking,sources,'],
  [['--reports', ''], '--reports needs some of: '],
  ...[
    '',
    '*',
    'a b',
    '192.0.2.0/33',
    '192.0.2.0/',
    '[::1',
    '[1.2.3.4]',
    'a:0',
    'a:b',
    'a:65536',
    '::/129',
    '[2001:db8::]/32:1',
    '/run/x',
    'fe80::1%lo',
  ].map((probe): [readonly string[], string] => [
    [`--probe=${probe}`],
    '--probe needs a host, *.domain, an address or a network',
  ]),
  [['--allow-host', 'a:1'], "--allow-host needs a name, or *.domain, not 'a:1'"],
  [['--allow-host', '*'], "--allow-host needs a name, or *.domain, not '*'"],
  [['--tls-cert', 'x'], '--tls-cert and --tls-key need each other'],
  [['--tls-key', 'x'], '--tls-cert and --tls-key need each other'],
  [['--warning', '5'], '--warning (5) is above --critical'],
  [['--json'], '--json cannot be used with serve; its API is at /api'],
  [['--csv'], '--csv cannot be used with serve; its API is at /api'],
  [['--count', '5'], '--count cannot be used with serve; it is for '],
  [['more'], "unexpected argument 'more' after serve"],
])('rejects %j', async (args, complaint) => {
  const { status, stdout, stderr } = await commandLine.run('serve', ...args);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(/^chrony-wasm: [^\n]* \(see chrony-wasm --help\)\n$/);
  expect(stderr).toContain(complaint);
});

it.each([[[]], [['--print-unit']]])('rejects an invalid address of chronyd: %j', async (args) => {
  const { status, stdout, stderr } = await commandLine.run('serve', '-h', 'a:b:c', '--listen', '0', ...args);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(/^chrony-wasm: invalid address 'a:b:c': [^\n]*\n$/);
});

it('options of serve are rejected by other commands', async () => {
  const { status, stderr } = await commandLine.run('tracking', '--listen', '1');
  expect([status, stderr]).toEqual([
    2,
    expect.stringContaining('--listen cannot be used with tracking; it is for serve'),
  ]);
});

describe('--listen', () => {
  it("reports a port in use, another machine's address and an unknown name in one line", async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    for (const [listen, complaint] of [
      [String(port), `cannot listen on 127.0.0.1:${port}: the port is in use; `],
      ['192.0.2.1:0', 'cannot listen on 192.0.2.1:0: this machine has no such address; '],
      ['missing.invalid:0', 'cannot listen on missing.invalid:0: the name does not resolve; '],
    ] as const) {
      // the first --listen succeeds, and is closed again
      const { status, stdout, stderr } = await commandLine.run('serve', '--listen', '0', '--listen', listen);
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/^chrony-wasm: /);
      expect(stderr).toContain(complaint);
    }
    taken.close();
  });

  it('can be repeated', async () => {
    await using chronyd = await Chronyd.start();
    await using serving = await Serving.start(
      commandLine,
      '-h',
      chronyd.address,
      '--listen',
      '0',
      '--listen',
      '[::1]:0',
      '--listen',
      'localhost:0',
    );
    await expect.poll(() => serving.log.match(/listening on/g)).toHaveLength(3);
    const urls = [...serving.log.matchAll(/listening on (\S+)/g)].map(([, url]) => url ?? '');
    expect(urls.map((url) => new URL(url).hostname)).toEqual(['127.0.0.1', '[::1]', 'localhost']);
    for (const url of urls) expect((await fetch(new URL('/healthz', url))).status).toBe(200);
  });
});

describe('--print-unit', () => {
  let installed: InstalledCommandLine;
  beforeAll(async () => {
    installed = await InstalledCommandLine.install();
  });
  afterAll(() => installed?.[Symbol.asyncDispose]());

  it.each<[description: string, args: readonly string[], lines: readonly string[]]>([
    ['with defaults', [], ['DynamicUser=yes', 'CapabilityBoundingSet=']],
    [
      'with many options',
      [
        ...[
          '--listen',
          '0.0.0.0:443',
          '--probe',
          '10.0.0.0/8:*',
          '--probe',
          '*.example.org',
          '--allow-local',
          '--warning',
          '.5',
        ],
        ...[
          '--tls-cert',
          '/etc/100% "sure"/x.crt',
          '--tls-key',
          '/etc/x.key',
          '--bearer-token',
          '/etc/token',
          '-h',
          '/run/$HOME/chronyd.sock',
        ],
      ],
      [
        'AmbientCapabilities=CAP_NET_BIND_SERVICE',
        'LoadCredential=tls-cert:/etc/100%% "sure"/x.crt',
        'LoadCredential=bearer-token:/etc/token',
      ],
    ],
    [
      'with a missing Unix socket',
      ['-h', '/run/nobody/chronyd.sock'],
      ['User=_chrony', 'ReadWritePaths=/run'],
    ],
  ])('prints a valid systemd unit: %s', async (_, args, lines) => {
    const unit = await installed.print('serve', '--print-unit', ...args);
    const dir = await mkdtemp(join(tmpdir(), 'unit-'));
    try {
      const file = join(dir, 'chrony-wasm.service');
      await writeFile(file, unit);
      expect(await mustRun('systemd-analyze', ['verify', '--man=no', file])).toBe('');
      for (const line of lines) expect(unit.split('\n')).toContain(line);
      // the exposure from 0 to 100; lower is better
      await mustRun('systemd-analyze', ['security', '--offline=true', '--threshold=20', file]);
    } finally {
      await rm(dir, { recursive: true });
    }
  });

  it('prints a command that works', async () => {
    await using chronyd = await Chronyd.start();
    const unit = await installed.print(
      'serve',
      '--print-unit',
      '-h',
      chronyd.address,
      '--listen',
      '0',
      '--probe',
      '*.example.org',
    );
    const command = /^ExecStart=(.*)$/m.exec(unit)?.[1]?.split(' ') ?? [];
    expect(command.slice(0, 3)).toEqual([process.execPath, installed.program, 'serve']);
    await using serving = await Serving.start(commandLine, ...command.slice(3));
    await serving.ready();
  });

  it('refuses a program in a temporary folder, with advice', async () => {
    const { status, stdout, stderr } = await commandLine.run('serve', '--print-unit');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain(`${commandLine.program}, which will not last: `);
    expect(stderr).toMatch(
      / is for temporary files; install the package first \(npm install --global chrony-wasm\), then run: chrony-wasm serve --print-unit\n$/,
    );
  });

  it.each(['_npx/0a1b2c', 'pnpm/dlx/0a1b2c', 'xfs-0a1b/dlx-123', 'bunx-0-chrony-wasm@latest'])(
    'refuses a program that is run from a cache: %s',
    async (folder) => {
      const cache = join(installed.program, '../..', folder, 'node_modules');
      await mkdir(join(cache, '.bin'), { recursive: true });
      await symlink(installed.program, join(cache, '.bin/chrony-wasm'));
      const args = [join(cache, '.bin/chrony-wasm'), 'serve', '--print-unit'];
      const { status, stdout, stderr } = await run(process.execPath, args);
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toContain('which will not last: it is in the cache of npx');
      expect(stderr).toContain('npm install --global chrony-wasm');
    },
  );

  it('refuses a link to a program in a temporary folder', async () => {
    const link = join(installed.program, '../linked');
    await symlink(commandLine.program, link);
    const { status, stderr } = await run(process.execPath, [link, 'serve', '--print-unit']);
    expect([status, stderr]).toEqual([1, expect.stringContaining(`would run ${commandLine.program}, which`)]);
  });

  it('prints a unit for the owner of the Unix socket', async () => {
    await using chronyd = await Chronyd.start();
    const unit = await installed.print('serve', '--print-unit', '-h', chronyd.socketPath);
    const user = (await mustRun('stat', ['-c', '%U', chronyd.dir])).trim();
    expect(unit.split('\n')).toContain(`User=${user}`);
  });
});
