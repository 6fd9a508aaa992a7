/** The rules of src/monitoring in `promtool test rules`: each alert fires in its states, and in no other. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { families } from '../../../src/metrics/families.ts';
import { SelectState } from '../../../src/reports/enums.ts';
import { checkRules, testRules } from '../../support/prometheus.ts';
import { documents } from '../../tooling/docs/support/documents.ts';
import { CASES, type Case, RECORDED } from './cases.ts';
import { labelValuesIn, metricsIn } from './expressions.ts';

const ALERTS = resolve('src/monitoring/alerts.yml');
const RECORDING = resolve('src/monitoring/recording-rules.yml');

interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

function rulesIn(path: string): readonly Rule[] {
  const { groups }: { readonly groups: readonly { readonly rules: readonly Rule[] }[] } = parse(
    readFileSync(path, 'utf8'),
  );
  return groups.flatMap(({ rules }) => rules);
}

const alerts = rulesIn(ALERTS);
const recorded = rulesIn(RECORDING);

it('the files are valid rules', async () => {
  expect(await checkRules(ALERTS, RECORDING)).toBe('');
});

/** The labels that Prometheus adds. */
const OF_TARGETS = ['job', 'instance'];

describe.each([...alerts, ...recorded])('$alert$record', ({ expr, annotations = {} }) => {
  it('uses existing metrics and labels', () => {
    const used = metricsIn(expr);
    expect(used.length).toBeGreaterThan(0);
    for (const { name, matched } of used) {
      if (name === 'up') continue;
      const family = families.find((each) => each.name === name);
      expect(family, name).toBeDefined();
      const known = [...OF_TARGETS, ...(family?.labels ?? [])];
      expect(matched.filter((label) => !known.includes(label))).toEqual([]);
    }
    const labels = used.flatMap(({ name }) => families.find((each) => each.name === name)?.labels ?? []);
    // labels in on (…), in by (…), and in the texts
    const named = [
      ...Array.from(expr.matchAll(/\b(?:on|by) \(([^)]*)\)/g), ([, list = '']) => list.split(', ')).flat(),
      ...Array.from(JSON.stringify(annotations).matchAll(/\$labels\.(\w+)/g), ([, label = '']) => label),
    ];
    expect(named.filter((label) => ![...OF_TARGETS, ...labels].includes(label))).toEqual([]);
  });

  it('compares labels with possible values', () => {
    const states: Readonly<Record<string, readonly string[]>> = {
      chrony_sources_state_info: ['sync', 'unreach', 'falseticker', 'jittery', 'candidate', 'outlier'],
      chrony_selectdata_state_info: Object.values(SelectState),
      chrony_scrape_collector_success: families.flatMap(({ report }) => report ?? []),
    };
    for (const { name, label, value } of labelValuesIn(expr)) {
      if (label === 'job') continue;
      for (const each of value.split('|')) expect(states[name], `${name} ${label}`).toContain(each);
    }
  });
});

describe.each(alerts)('$alert', ({ alert = '', labels = {}, annotations = {} }) => {
  it('has a severity, a summary, a description, and a section in the runbook', () => {
    expect(['warning', 'critical']).toContain(labels['severity']);
    expect(annotations).toEqual({
      summary: expect.stringMatching(/\.$/),
      description: expect.stringMatching(/\.$/),
      runbook: `README.md#${alert.toLowerCase()}`,
    });
    const runbook = documents.find(({ path }) => path === 'src/monitoring/README.md');
    expect([...(runbook?.anchors ?? [])]).toContain(alert.toLowerCase());
  });

  const cases = CASES[alert];
  it('has cases in which it fires and cases in which it does not', () => {
    expect(cases?.fires.length).toBeGreaterThan(0);
    expect(cases?.silent.length).toBeGreaterThan(0);
  });

  const test = ({ series, at }: Case, expected: readonly object[]): Promise<string> =>
    testRules({
      rule_files: [ALERTS],
      evaluation_interval: '15s',
      tests: [
        {
          interval: '15s',
          input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
          alert_rule_test: [{ eval_time: at, alertname: alert, exp_alerts: expected }],
        },
      ],
    });

  it.each(cases?.fires ?? [])('fires: $description', async (each) => {
    const { alerts: fired = [] } = each;
    const texts = fired.map((one) => ({
      exp_labels: { ...labels, ...one.labels },
      exp_annotations: Object.fromEntries(
        Object.entries(annotations).map(([name, text]) => [name, rendered(text, one)]),
      ),
    }));
    expect(await test(each, texts)).toBe('');
  });

  it.each(cases?.silent ?? [])('does not fire: $description', async (each) => {
    expect(await test(each, [])).toBe('');
  });
});

/** A text as Prometheus renders it. */
function rendered(
  text: string,
  { labels, value = '', human = '', verb = '' }: NonNullable<Case['alerts']>[0],
): string {
  return text
    .replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, label) => labels[label] ?? '')
    .replaceAll('{{ $value }}', value)
    .replaceAll('{{ $value | humanizeDuration }}', human)
    .replaceAll(/\{\{ if .*?\{\{ end \}\}/g, verb);
}

it('every alert has cases, and all cases belong to an alert', () => {
  expect(Object.keys(CASES).toSorted()).toEqual(alerts.map(({ alert }) => alert ?? '').toSorted());
});

describe('a recording rule', () => {
  it('is tested', () => {
    expect(recorded.map(({ record }) => record).toSorted()).toEqual(
      Object.keys(RECORDED.expected).toSorted(),
    );
  });

  it.each(Object.entries(RECORDED.expected))('%s has the expected value', async (record, samples) => {
    const outcome = await testRules({
      rule_files: [RECORDING],
      evaluation_interval: '15s',
      tests: [
        {
          interval: '15s',
          input_series: Object.entries(RECORDED.series).map(([name, values]) => ({ series: name, values })),
          promql_expr_test: [
            {
              expr: record,
              eval_time: '10m',
              exp_samples: Object.entries(samples).map(([labels, value]) => ({
                labels: `${record}${labels}`,
                value,
              })),
            },
          ],
        },
      ],
    });
    expect(outcome).toBe('');
  });
});
