/**
 * docker/kubernetes.yaml is valid by a schema of the fields that it may have, and matches the image, the metrics and the alerts
 * that it belongs to. Nothing is started, since no cluster is available here.
 */
import { readFileSync } from 'node:fs';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { readArguments } from '../../../src/cli/arguments.ts';

const FILE = 'docker/kubernetes.yaml';
const text = readFileSync(FILE, 'utf8');
const parsed = parseAllDocuments(text);

interface Container {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  readonly readinessProbe: { readonly httpGet: { readonly path: string; readonly port: string } };
  readonly livenessProbe: {
    readonly httpGet: { readonly path: string; readonly port: string };
    readonly periodSeconds: number;
    readonly failureThreshold: number;
  };
}
interface DaemonSet {
  readonly kind: string;
  readonly metadata: { readonly namespace: string };
  readonly spec: {
    readonly selector: { readonly matchLabels: object };
    readonly template: {
      readonly metadata: { readonly labels: object };
      readonly spec: {
        readonly containers: readonly [Container];
        readonly volumes: readonly { readonly name: string; readonly hostPath: { readonly path: string } }[];
      };
    };
  };
}
interface PodMonitor {
  readonly metadata: { readonly namespace: string };
  readonly spec: {
    readonly selector: { readonly matchLabels: object };
    readonly podMetricsEndpoints: readonly { readonly port: string; readonly path: string }[];
  };
}

const [daemonSet, podMonitor] = parsed.map((each) => each.toJS()) as [DaemonSet, PodMonitor];
const pod = daemonSet.spec.template;
const [container] = pod.spec.containers;

/** A schema of an object with only these fields, since Kubernetes drops an unknown field with no more than a warning. */
function fields(properties: Readonly<Record<string, object>>, ...optional: readonly string[]): object {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', properties, required, additionalProperties: false };
}
const string = { type: 'string', minLength: 1 };
const count = { type: 'integer', minimum: 1 };
const yes = { const: true };
const no = { const: false };
const labels = { type: 'object', additionalProperties: string, minProperties: 1 };
const listOf = (items: object): object => ({ type: 'array', items, minItems: 1 });
const metadata = fields({ name: string, namespace: string, labels });
const selector = fields({ matchLabels: labels });
const quantities = fields(
  { cpu: { type: 'string', pattern: '^\\d+m$' }, memory: { type: 'string', pattern: '^\\d+Mi$' } },
  'cpu',
);
const probe = fields(
  {
    httpGet: fields({ path: { type: 'string', pattern: '^/' }, port: string }),
    periodSeconds: count,
    failureThreshold: count,
  },
  'failureThreshold',
);

const SCHEMAS = {
  DaemonSet: fields({
    apiVersion: { const: 'apps/v1' },
    kind: { const: 'DaemonSet' },
    metadata,
    spec: fields({
      selector,
      template: fields({
        metadata: fields({ labels }),
        spec: fields({
          automountServiceAccountToken: no,
          enableServiceLinks: no,
          tolerations: listOf(fields({ operator: { enum: ['Exists', 'Equal'] } })),
          securityContext: fields({
            runAsNonRoot: yes,
            runAsUser: count,
            runAsGroup: count,
            seccompProfile: fields({ type: { const: 'RuntimeDefault' } }),
          }),
          containers: listOf(
            fields({
              name: string,
              image: string,
              args: listOf(string),
              ports: listOf(fields({ name: string, containerPort: count, protocol: { const: 'TCP' } })),
              securityContext: fields({
                allowPrivilegeEscalation: no,
                privileged: no,
                readOnlyRootFilesystem: yes,
                capabilities: fields({ drop: { const: ['ALL'] } }),
              }),
              resources: fields({ requests: quantities, limits: quantities }),
              readinessProbe: probe,
              livenessProbe: probe,
              volumeMounts: listOf(fields({ name: string, mountPath: string })),
            }),
          ),
          volumes: listOf(
            fields({ name: string, hostPath: fields({ path: string, type: { const: 'Directory' } }) }),
          ),
        }),
      }),
    }),
  }),
  PodMonitor: fields({
    apiVersion: { const: 'monitoring.coreos.com/v1' },
    kind: { const: 'PodMonitor' },
    metadata,
    spec: fields({
      selector,
      podMetricsEndpoints: listOf(
        fields({
          port: string,
          path: string,
          interval: { type: 'string', pattern: '^\\d+s$' },
          scrapeTimeout: { type: 'string', pattern: '^\\d+s$' },
          relabelings: listOf(fields({ sourceLabels: listOf(string), targetLabel: string })),
        }),
      ),
    }),
  }),
} as const;

it('contains two YAML documents', () => {
  expect(parsed.flatMap(({ errors, warnings }) => [...errors, ...warnings])).toEqual([]);
  expect(parsed.map((each) => each.toJS().kind)).toEqual(['DaemonSet', 'PodMonitor']);
});

it.each([
  ['DaemonSet', daemonSet],
  ['PodMonitor', podMonitor],
] as const)('%s has only known fields, and no privileges', (kind, object) => {
  const validate = new Ajv2019({ strict: false }).compile(SCHEMAS[kind]);
  validate(object);
  expect(validate.errors).toBeNull();
});

it('selects its own pods in both objects', () => {
  expect(daemonSet.spec.selector.matchLabels).toEqual(pod.metadata.labels);
  expect(podMonitor.spec.selector.matchLabels).toEqual(pod.metadata.labels);
  expect(podMonitor.metadata.namespace).toBe(daemonSet.metadata.namespace);
});

it('runs the version of this source with valid arguments', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(container.image).toMatch(new RegExp(`/chrony-wasm:${version.replaceAll('.', '\\.')}$`));
  expect(readArguments(container.args)).toMatchObject({ kind: 'command', words: ['serve'] });
});

it("uses the image's port, and mounts chronyd's directory where --host expects the socket", () => {
  const [, port] = /^EXPOSE (\d+)$/m.exec(readFileSync('docker/exporter.Dockerfile', 'utf8')) ?? [];
  const [{ name, containerPort } = { name: '', containerPort: 0 }] = container.ports;
  expect(containerPort).toBe(Number(port));
  expect(container.args).toContain(`:${port}`);
  const [endpoint] = podMonitor.spec.podMetricsEndpoints;
  for (const probed of [container.readinessProbe.httpGet, container.livenessProbe.httpGet, endpoint]) {
    expect(probed?.port).toBe(name);
  }
  const [mount] = container.volumeMounts;
  const [volume] = pod.spec.volumes;
  expect(mount?.name).toBe(volume?.name);
  expect(volume?.hostPath.path).toBe('/run/chrony');
  expect(container.args.at(-1)).toBe(`${mount?.mountPath}/chronyd.sock`);
});

it('is restarted only after chronyd has been down for as long as it takes to raise an alert', () => {
  const { periodSeconds, failureThreshold } = container.livenessProbe;
  expect(periodSeconds * failureThreshold).toBeGreaterThanOrEqual(300);
});
