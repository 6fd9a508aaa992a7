/** A failure prints a message of one line and ends the program. */

import { once } from 'node:events';
import { beforeAll, describe, expect, it } from 'vitest';
import { scenario, startMockChronyd } from '../../../src/testing/index.ts';
import { encodeReply } from '../../../src/testing/reply.ts';
import { freePort } from '../../support/ports.ts';
import { spawn } from '../../support/spawn.ts';
import { mustRun, type Outcome, run } from '../../system/package/support/run.ts';
import { CommandLine, InstalledCommandLine } from './support.ts';

let commandLine: CommandLine;

beforeAll(async () => {
  commandLine = await CommandLine.build();
});

/** Checks the form of an error and returns its message. */
function errorOf({ status, signal, stdout, stderr }: Outcome): string {
  expect({ status, signal, stdout }).toEqual({ status: 1, signal: null, stdout: '' });
  expect(stderr).toMatch(/^chrony-wasm: [^\n]+\n$/);
  // neither a stack trace nor the message for internal errors
  expect(stderr).not.toMatch(/\bat .*:\d+:\d+|unexpected|please report/);
  return stderr;
}

describe('the error about an unreachable server', () => {
  it('contains the address and advice for a refused connection', async () => {
    const port = await freePort();
    const stderr = errorOf(await commandLine.run('-h', '127.0.0.1', '-p', String(port), 'tracking'));
    const advice = 'nothing listens there; check that chronyd is running, and its cmdport and bindcmdaddress';
    expect(stderr).toBe(`chrony-wasm: 127.0.0.1:${port}: ECONNREFUSED; ${advice}\n`);
  });

  it('is one line if the connection is refused at every address of a name', async () => {
    const port = await freePort();
    const stderr = errorOf(await commandLine.run('-p', String(port), 'tracking'));
    expect(stderr).toContain(`127.0.0.1:${port}: ECONNREFUSED`);
  });

  it('contains the path of a missing Unix socket', async () => {
    expect(errorOf(await commandLine.run('-h', '/nowhere/chronyd.sock', 'tracking'))).toContain(
      '/nowhere/chronyd.sock',
    );
  });

  it.each(['a host', '127.0.0.1:port', '[127.0.0.1]:323', 'a:b:c', '127.0.0.1:0', 'unix:relative'])(
    'contains an invalid address: %s',
    async (address) => {
      expect(errorOf(await commandLine.run('-h', address, 'tracking'))).toContain(
        `invalid address '${address}'`,
      );
    },
  );
});

describe('a silent server', () => {
  it('applies --timeout and --retries', async () => {
    await using mock = await startMockChronyd('silence');
    const limits = ['--timeout', '40', '--retries', '3'];
    const stderr = errorOf(await commandLine.run('-h', mock.address, ...limits, 'tracking'));
    expect(stderr).toContain(`tracking from ${mock.address}: no answer in 600 ms (4 tries)`);
    expect(mock.requests).toHaveLength(4);
  });

  it('sends one request without retries', async () => {
    await using mock = await startMockChronyd('silence');
    const limits = ['--timeout', '40', '--retries', '0'];
    const stderr = errorOf(await commandLine.run('-h', mock.address, ...limits, 'report', 'sources'));
    expect(stderr).toContain(`sources from ${mock.address}: no answer in 40 ms (1 try)`);
    expect(mock.requests).toHaveLength(1);
  });

  it('waits for a slow server within the timeout', async () => {
    await using mock = await startMockChronyd(scenario('synchronized', { faults: { delayMs: 300 } }));
    const printed = await commandLine.print('-h', mock.address, '--timeout', '5000', '-c', 'tracking');
    expect(printed.split(',')).toHaveLength(14);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('%s ends the wait', async (signal) => {
    await using mock = await startMockChronyd('silence');
    const args = [
      commandLine.program,
      '-h',
      mock.address,
      '--timeout',
      '15000',
      '--retries',
      '0',
      'tracking',
    ];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    const closed = once(child, 'close');
    await expect.poll(() => mock.requests.length).toBe(1);
    child.kill(signal);
    expect([...(await closed), stderr]).toEqual([null, signal, '']);
  });
});

describe('the error about an unusable reply', () => {
  it.each(['selectdata', 'authdata', 'ntpdata', 'serverstats'])(
    'contains advice if %s is not permitted',
    async (report) => {
      await using mock = await startMockChronyd('permission denied');
      const stderr = errorOf(await commandLine.run('-h', mock.address, 'report', report));
      expect(stderr).toContain("chronyd's Unix socket");
      expect(stderr).toMatch(new RegExp(`opencommands [a-z ]*\\b${report}\\b`));
    },
  );

  it.each(['selectdata', 'authdata', 'ntpdata', 'serverstats'])(
    'contains advice if the command %s is not permitted',
    async (name) => {
      await using mock = await startMockChronyd('permission denied');
      expect(errorOf(await commandLine.run('-h', mock.address, '-c', name))).toContain(
        "chronyd's Unix socket",
      );
    },
  );

  it('names an unknown source', async () => {
    await using mock = await startMockChronyd('synchronized');
    for (const flags of [[], ['-c'], ['--json']]) {
      const stderr = errorOf(await commandLine.run('-h', mock.address, ...flags, 'ntpdata', '192.0.2.9'));
      expect(stderr).toBe('chrony-wasm: chronyd has no NTP source 192.0.2.9; see chrony-wasm sources\n');
    }
  });

  it('is one line if the list of sources keeps changing', async () => {
    let requests = 0;
    await using mock = await startMockChronyd('synchronized', {
      intercept: (request, reply) =>
        request.code === 34
          ? [encodeReply(6, request, { address: `192.0.2.${++requests % 200}` })]
          : reply && [reply],
    });
    expect(errorOf(await commandLine.run('-h', mock.address, 'authdata'))).toMatch(/source|ask again/);
  });

  it('contains advice for a disabled report', async () => {
    await using mock = await startMockChronyd('no rtc');
    const stderr = errorOf(await commandLine.run('-h', mock.address, 'report', 'rtcdata'));
    expect(stderr).toContain('enable the feature in chrony.conf');
  });

  it('contains advice for a report that the server does not support', async () => {
    await using mock = await startMockChronyd('old server');
    const stderr = errorOf(await commandLine.run('-h', mock.address, 'report', 'selectdata'));
    expect(stderr).toContain('upgrade chronyd');
  });

  it('reports a timeout if every reply is noise', async () => {
    await using mock = await startMockChronyd('garbage');
    const limits = ['--timeout', '40', '--retries', '1'];
    expect(errorOf(await commandLine.run('-h', mock.address, ...limits, 'tracking'))).toContain('no answer');
  });

  it('contains the value that the data class rejects', async () => {
    await using mock = await startMockChronyd('synchronized', {
      intercept: (request) => [encodeReply(5, request, { stratum: 99 })],
    });
    expect(errorOf(await commandLine.run('-h', mock.address, '--json', 'tracking'))).toContain(
      'invalid stratum: 99',
    );
  });

  it.each([1, 2, 3, 4, 5])(
    'is one line for a body of noise, unless it can be printed: seed %i',
    async (seed) => {
      await using mock = await startMockChronyd(scenario('synchronized', { faults: { garbage: 'body' } }), {
        seed,
      });
      const address = ['-h', mock.address, '--timeout', '40', '--retries', '0'];
      for (const command of [
        ['tracking'],
        ['-c', 'tracking'],
        ['--json', 'tracking'],
        ['report', 'activity'],
      ]) {
        const outcome = await commandLine.run(...address, ...command);
        if (outcome.status === 0) expect(outcome.stderr).toBe('');
        else errorOf(outcome);
      }
    },
  );
});

describe('an output that cannot be written', () => {
  it.each([[['tracking']], [['--json', 'report', 'sources']], [['report', 'nonsense']]])(
    'causes no error if the reader has gone: %j',
    async (command) => {
      await using mock = await startMockChronyd('many sources');
      const args = [commandLine.program, '-h', mock.address, ...command];
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
      child.stdout.destroy();
      let stderr = '';
      child.stderr.on('data', (chunk) => {
        stderr += chunk;
      });
      const [status] = await once(child, 'close');
      const fails = command.includes('nonsense');
      expect(status).toBe(fails ? 2 : 0);
      expect(stderr.split('\n')).toHaveLength(fails ? 2 : 1);
    },
  );

  it('causes no error in a pipe to head', async () => {
    await using mock = await startMockChronyd('many sources');
    const script = '"$0" "$1" -h "$2" --json report sources | head -c 1';
    const args = ['-c', script, process.execPath, commandLine.program, mock.address];
    expect(await run('sh', args)).toEqual({ status: 0, signal: null, stdout: '[', stderr: '' });
  });

  it('does not change the exit status of an error', async () => {
    const script = '"$0" "$1" tracking more 2>&- >&-; echo $?';
    expect(await mustRun('sh', ['-c', script, process.execPath, commandLine.program])).toBe('2\n');
  });

  it.each([
    ['--help'],
    ['tracking'],
    ['-c sources'],
    ['--json report ntpdata'],
    ['bound --json'],
    ['watch activity --count 3'],
    ['bound --watch'],
    ['completion bash'],
    ['man'],
    ['serve --print-unit'],
  ])('is an error on a full disk: %s', async (command) => {
    await using mock = await startMockChronyd(
      scenario('synchronized', { tracking: { refTime: Date.now() / 1000 } }),
    );
    await using installed = await InstalledCommandLine.install();
    const script = `"$0" "$1" -h "$2" ${command} >/dev/full`;
    const outcome = await run('sh', ['-c', script, process.execPath, installed.program, mock.address]);
    expect(errorOf(outcome)).toContain('cannot write the output: ENOSPC');
  });

  it.each(['<&-', '2>&-', '<&- 2>&-', '</dev/null 2>/dev/full'])(
    'works with closed streams that it does not need: %s',
    async (closed) => {
      await using mock = await startMockChronyd('synchronized');
      const script = `"$0" "$1" -h "$2" -c activity ${closed}`;
      const outcome = await run('sh', ['-c', script, process.execPath, commandLine.program, mock.address]);
      expect(outcome).toEqual({ status: 0, signal: null, stdout: expect.stringMatching(/^\d/), stderr: '' });
    },
  );

  it.each(['>&-', '<&- >&-', '>&- 2>&-', '<&- >&- 2>&-'])(
    'reports a failure in the exit status with closed streams: %s',
    async (closed) => {
      const address = `127.0.0.1:${await freePort()}`;
      const script = `"$0" "$1" -h "$2" tracking ${closed}; echo $?`;
      const { stdout } = await run('sh', ['-c', script, process.execPath, commandLine.program, address]);
      expect(stdout).toBe('1\n');
    },
  );
});
