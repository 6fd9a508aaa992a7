/** `make demo`: starts a real chronyd, shows its reports, and stops it. Uses the mock if chrony is not installed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { startMockChronyd } from '../src/testing/index.ts';
import { findChrony } from './support/chronyc.ts';
import { Chronyd } from './support/chronyd.ts';

const CLI = 'dist/cli.cjs';

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Runs the command line as a user would, and shows the command and its output. */
async function show(address: string, ...command: string[]): Promise<void> {
  const args = ['--host', address, ...command];
  say(`\n$ npx chrony-wasm ${args.join(' ')}`);
  const [status] = await once(spawn(process.execPath, [CLI, ...args], { stdio: 'inherit' }), 'exit');
  if (status !== 0) throw new Error(`chrony-wasm ended with status ${status}`);
}

async function showReports(address: string): Promise<void> {
  await show(address, 'tracking');
  await show(address, 'report', 'sources');
  await show(address, 'report', 'activity');
  const { length } = readFileSync('dist/libchrony.wasm');
  say(`\nThe C library in the sandbox has read all of this: libchrony.wasm, ${length} bytes.`);
}

async function withChronyd(): Promise<void> {
  say(
    'Starting two private chronyds on the loopback; one follows the other, and neither changes the system clock ...',
  );
  await using server = await Chronyd.start({ config: ['local stratum 1'], serve: true });
  await using client = await Chronyd.start({
    config: [`server 127.0.0.1 port ${server.ntpPort} iburst minpoll -2 maxpoll -1`],
  });
  await client.untilSynchronized();
  say(`Synchronized. chronyd ${client.version()} answers at ${client.address}.`);
  await showReports(client.address);
}

async function withMock(reason: string): Promise<void> {
  say(`${reason}\nTHIS IS THE MOCK SERVER OF THE PROJECT, not a chronyd: its values are invented.`);
  await using mock = await startMockChronyd('synchronized');
  say(`The mock answers at ${mock.address}.`);
  await showReports(mock.address);
}

/** Returns null if chrony is available, or the reason why not. */
function findProblem(): string | null {
  try {
    findChrony();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

// On Ctrl-C, the exit of this process stops the child processes.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const problem = findProblem();
if (problem === null) await withChronyd();
else await withMock(problem);
