/** `make demo`: the main job, against a real chronyd that is started for it and stopped again. */
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

/** Runs the command line as a user would, and shows both. */
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
  say(`\nAll of it was read by the C library in the sandbox: libchrony.wasm, ${length} bytes.`);
}

async function withChronyd(): Promise<void> {
  say(
    'Starting two private chronyd on the loopback, one disciplined by the other; neither touches a clock ...',
  );
  await using server = await Chronyd.start({ config: ['local stratum 1'], serve: true });
  await using client = await Chronyd.start({
    config: [`server 127.0.0.1 port ${server.ntpPort} iburst minpoll -2 maxpoll -1`],
  });
  await client.untilSynchronized();
  say(`Synchronised. chronyd ${client.version()} answers at ${client.address}.`);
  await showReports(client.address);
}

async function withMock(reason: string): Promise<void> {
  say(`${reason}\nTHIS IS THE MOCK SERVER OF THE PROJECT, not a chronyd: its values are invented.`);
  await using mock = await startMockChronyd('synchronized');
  say(`The mock answers at ${mock.address}.`);
  await showReports(mock.address);
}

function chronyIsThere(): string | null {
  try {
    findChrony();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

// Ctrl-C: what runs is stopped as the process exits
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const problem = chronyIsThere();
if (problem === null) await withChronyd();
else await withMock(problem);
