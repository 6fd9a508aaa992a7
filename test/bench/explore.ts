import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { FleetProcess } from './fleet-process.ts';

const [, , size = '', dead = '0', interval = '15', ...steps] = process.argv;
await using fleet = await FleetProcess.start(Number(size), Number(dead), Number(interval));
const ended: (() => void)[] = [];
const start = performance.now();
for (const step of steps) {
  let result: unknown = '';
  if (step === 'cpu') result = await fleet.cores();
  else if (step === 'viewer') result = await fleet.coresWithViewer();
  else if (step === 'arrivals') {
    const a = fleet.clocks.arrivals.splice(0);
    result = [a.length, Math.max(...a), a.reduce((x, y) => x + y, 0) / a.length];
  } else if (step === 'states') {
    result = (await fleet.serving.ask('/metrics').catch((e: unknown) => ({ text: String(e) }))).text.match(
      /fleet_targets\{.*/g,
    );
  } else if (step === 'net') {
    result = (await import('node:fs')).readFileSync('/proc/net/snmp', 'utf8').match(/Udp: .*/g);
  } else if (step === 'metrics') {
    const t = performance.now();
    const r = await fleet.serving.ask('/metrics');
    result = [r.body.length, performance.now() - t];
  } else if (step === 'api') {
    const t = performance.now();
    const r = await fleet.serving.ask('/api/fleet');
    result = [r.body.length, r.text.match(/"sourceCount":4/g)?.length, performance.now() - t];
  } else if (step === 'quiet') {
    const q = spawn('/tmp/quietly', ['sh', '-c', 'echo ok; cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(q.stdout, 'data');
    ended.push(() => q.stdin.end());
  } else await sleep(1000 * Number(step));
  console.log(
    Math.round((performance.now() - start) / 1000),
    step,
    result,
    'rss',
    fleet.memory / 1e6,
    'fd',
    fleet.descriptors,
  );
}
for (const end of ended) end();
fleet.serving.kill('SIGTERM');
await fleet.serving.ended;
console.log(fleet.serving.log.slice(0, 1500));
