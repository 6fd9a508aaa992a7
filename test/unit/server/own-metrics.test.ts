/** The metrics of the exporter itself. */
import { expect, it } from 'vitest';
import { NOTHING_KNOWN } from '../../../src/clock/max-clock-error.ts';
import { expositionOf, type Format } from '../../../src/metrics/text.ts';
import { OwnMetrics } from '../../../src/server/own-metrics.ts';

it('the metrics have the same names in each format, in any order of the formats', async () => {
  const own = await OwnMetrics.start('1.2.3', true);
  const snapshot = { time: 1e9, seconds: 0, maxClockError: NOTHING_KNOWN, isAnswered: true, reports: {} };
  const lines = async (format: Format): Promise<string[]> =>
    expositionOf(snapshot, format, await own.now()).body.split('\n');
  for (const format of ['openmetrics', 'prometheus', 'openmetrics'] as const) {
    const suffix = format === 'prometheus' ? '_total' : '';
    expect(await lines(format)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^chrony_wasm_build_info\{version="1\.2\.3",runtime="node [\d.]+"\} 1$/),
        `# TYPE process_cpu_seconds${suffix} counter`,
        expect.stringMatching(/^process_cpu_seconds_total [\d.]+$/),
        expect.stringMatching(/^nodejs_heap_space_size_used_bytes\{space="new"\} \d+$/),
      ]),
    );
  }
});

it('the metrics contain only the version unless process metrics are requested', async () => {
  const own = await OwnMetrics.start('1.2.3', false);
  expect((await own.now()).map(({ name }) => name)).toEqual(['chrony_wasm_build_info']);
});
