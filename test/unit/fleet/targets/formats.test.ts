/** Target files: the content of each format, and the errors with their position and advice. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Target } from '../../../../src/fleet/target.ts';
import { canonicalTarget } from '../../../../src/fleet/targets/address.ts';
import { TargetsError } from '../../../../src/fleet/targets/error.ts';
import { httpSd } from '../../../../src/fleet/targets/file-sd.ts';
import { Folder, linesOf } from './folder.ts';

let folder: Folder;

beforeEach(() => {
  folder = new Folder();
});
afterEach(() => folder[Symbol.dispose]());

async function read(name: string, content: string | Buffer): Promise<readonly string[]> {
  using targets = await folder.openFile(name, content);
  return linesOf(targets);
}

describe('lines', () => {
  it('contain a target each, its labels, and comments', async () => {
    const text = [
      '# the clocks of site A',
      '',
      'ntp1.example.org site=a rack=7 # the first',
      '\t192.0.2.1:10323\tnote="two words # and \\"quotes\\" \\\\" empty= also=""',
      '2001:db8::1',
      '#',
      '/run/a#b.sock path=x#y',
    ];
    const expected = [
      'ntp1.example.org rack=7 site=a',
      '192.0.2.1:10323 note=two words # and "quotes" \\',
      '2001:db8::1',
      '/run/a#b.sock path=x#y',
    ];
    expect(await read('clocks', text.join('\n'))).toEqual(expected);
    expect(await read('windows.txt', `\ufeff${text.join('\r\n')}\r\n`)).toEqual(expected);
  });

  it('drop the meta labels of Prometheus, with any value', async () => {
    const text = `a.example __meta_ec2="${'x'.repeat(5000)}" __=1 __proto__=2 role=ntp constructor=c`;
    expect(await read('clocks', text)).toEqual(['a.example constructor=c role=ntp']);
    using targets = await folder.openFile('other', 'b.example');
    expect(targets.targets.get('b.example')?.labels['constructor']).toBeUndefined();
  });
});

describe('groups', () => {
  const GROUPS = [
    { targets: ['a.example', 'B.example:10323'], labels: { site: 'a', __meta_x: '1' } },
    { targets: [], labels: { site: 'b' } },
    { targets: ['c.example'] },
    { targets: null, labels: null },
  ];
  const EXPECTED = ['a.example site=a', 'b.example:10323 site=a', 'c.example'];

  it.each(['groups.json', 'groups.JSON'])('are read as JSON from %s', async (name) => {
    expect(await read(name, JSON.stringify(GROUPS))).toEqual(EXPECTED);
  });

  it.each(['groups.yml', 'groups.yaml', 'groups.YAML'])('are read as YAML from %s', async (name) => {
    const text = `
# the clocks
- targets: [a.example, 'B.example:10323']
  labels: &site
    site: a
- targets:
  labels: {site: b}
- targets:
    - c.example
- targets: [d.example]
  labels: *site
- targets: [e.example]
  labels: {number: 007, no: no, unset: }
`;
    const more = ['d.example site=a', 'e.example no=no number=007'];
    expect(await read(name, text)).toEqual([...EXPECTED, ...more]);
  });

  it('share one labels object', async () => {
    const same = { targets: ['z.example'], labels: { site: 'a' } };
    using targets = await folder.openFile('groups.json', JSON.stringify([...GROUPS, same]));
    const { labels } = targets.targets.get('a.example') ?? {};
    expect(targets.targets.get('z.example')?.labels).toBe(labels);
  });
});

it.each([
  ['of lines', 'empty'],
  ['of JSON', 'empty.json'],
  ['of YAML', 'empty.yml'],
])('an empty file %s has no targets', async (_, name) => {
  expect(await read(name, '')).toEqual([]);
  expect(await read(name, ' \n')).toEqual([]);
  expect(await read(name, name === 'empty' ? '# none' : '[]')).toEqual([]);
});

const LONG = 'x'.repeat(1025);

const MISTAKES = [
  // lines
  ['clocks', '\nx:b:c', 'address', 'line 2', /^invalid address 'x:b:c': it has more than one colon.*write/],
  ['clocks', 'a.example:0', 'address', 'line 1', /'0' is not a port from 1 to 65535; write/],
  [
    'clocks',
    `${LONG} a=b`,
    'address',
    'line 1',
    /^the address 'x{60}…' is longer than 300 characters; correct it$/,
  ],
  ['clocks', 'fe80::1%none9', 'address', 'line 1', /^there is no network interface 'none9'; check/],
  ['clocks', 'srv:', 'address', 'line 1', /^'srv:': write srv:NAME, a:NAME or a:NAME:PORT with/],
  [
    'clocks',
    'srv:_ntp._udp.example:323',
    'address',
    'line 1',
    /^'srv:_ntp\._udp\.example:323': write srv:NAME/,
  ],
  ['clocks', 'a:192.0.2.1', 'address', 'line 1', /an IP address or a socket needs no prefix$/],
  ['clocks', 'a:/run/chronyd.sock', 'address', 'line 1', /an IP address or a socket needs no prefix$/],
  [
    'clocks',
    'a.example b.example',
    'syntax',
    'line 1',
    /^'b\.example' is not a label; write one target a line, with/,
  ],
  ['clocks', '\n\na.example note="no end', 'syntax', 'line 3', /^'note="no end' is not a label; write/],
  ['clocks', 'a.example note="a"b', 'syntax', 'line 1', /^'note="a"b' is not a label; write/],
  ['clocks', 'a.example note="\\n"', 'syntax', 'line 1', /is not a label; write/],
  ['clocks', 'a.example =b', 'syntax', 'line 1', /^'=b' is not a label; write/],
  [
    'clocks',
    'a.example 1a=b',
    'label',
    'line 1',
    /^'1a' is not a valid label name; use letters, digits and _, and/,
  ],
  ['clocks', 'a.example a-b=c', 'label', 'line 1', /^'a-b' is not a valid label name/],
  ['clocks', 'a.example ä=c', 'label', 'line 1', /^'ä' is not a valid label name/],
  [
    'clocks',
    `a.example a=${LONG}`,
    'label',
    'line 1',
    /^the label a has a value longer than 1024 char.*; shorten it$/,
  ],
  [
    'clocks',
    `a.example ${LONG}=a`,
    'label',
    'line 1',
    /^the label 'x{60}…' has a name longer than 128.*; shorten it$/,
  ],
  [
    'clocks',
    'a.example a="\u001b[2J"',
    'label',
    'line 1',
    /^the label a has a control character in its value; remove/,
  ],
  ['clocks', 'a.example a=1 a=1', 'label', 'line 1', /^the label a is given twice; remove one$/],
  [
    'clocks',
    `a.example ${Array.from({ length: 65 }, (_, i) => `l${i}=1`).join(' ')}`,
    'label',
    'line 1',
    /^a target has more than 64 labels; remove some$/,
  ],
  [
    'clocks',
    'a.example a=1\n\nA.example:323 a=2',
    'duplicate',
    'line 3',
    /^'A\.example:323' is also in line 1, with other labels; remove one of the two$/,
  ],
  ['clocks', 'srv:x.example\nsrv:X.example a=2', 'duplicate', 'line 2', /is also in line 1/],
  [
    'clocks',
    Array.from({ length: 100_001 }, (_, i) => `h${i}`).join('\n'),
    'too-large',
    'line 100001',
    /^there are more than 100000 targets; divide them among several processes$/,
  ],
  // JSON
  ['x.json', '[\n{"targets": ["a"],}\n]', 'syntax', 'line 2', /^it is not valid JSON here; correct it$/],
  ['x.json', '[\n{"targets": ["a"]\n"labels": {}}\n]', 'syntax', 'line 3', /^it is not valid JSON here/],
  ['x.json', '[\n{"targets": [\n"a"', 'syntax', 'line 3', /^it is not valid JSON here/],
  ['x.json', '[\n]\n]', 'syntax', 'line 3', /^it is not valid JSON here/],
  ['x.json', '[\n01]', 'syntax', 'line 2', /^it is not valid JSON here/],
  ['x.json', '[{"targets": \n[nulL]}]', 'syntax', 'line 2', /^it is not valid JSON here/],
  [
    'x.json',
    '{"targets": []}',
    'structure',
    null,
    /^it is not a list of groups; write groups as \[\{"targets"/,
  ],
  ['x.json', '["a.example"]', 'structure', 'group 1', /^it is not a group of targets; write groups as/],
  ['x.json', '[[]]', 'structure', 'group 1', /^it is not a group of targets; write groups as/],
  [
    'x.json',
    '[{"targets":[]},{"lables":{}}]',
    'structure',
    'group 2',
    /^the key 'lables' is not known; the keys of/,
  ],
  [
    'x.json',
    '[{"labels":{}}]',
    'structure',
    'group 1',
    /^it has no list of targets; write "targets": \["HOST"/,
  ],
  ['x.json', '[{"targets":"a"}]', 'structure', 'group 1', /^it has no list of targets/],
  [
    'x.json',
    '[{"targets":[7]}]',
    'structure',
    'group 1',
    /^its targets have 7, which is not a string; put it in quotes$/,
  ],
  [
    'x.json',
    '[{"targets":[],"labels":["a"]}]',
    'structure',
    'group 1',
    /^its labels are not a map; write "labels"/,
  ],
  [
    'x.json',
    '[{"targets":[],"labels":{"a":7}}]',
    'structure',
    'group 1',
    /^its labels have 7, which is not a string/,
  ],
  [
    'x.json',
    '[{"targets":["a\\u0007"]}]',
    'address',
    'group 1',
    /^the address 'a\ufffd' has a control character/,
  ],
  ['x.json', '[{"targets":[],"labels":{"a":"\\ud800"}}]', 'label', 'group 1', /has a control character/],
  [
    'x.json',
    '[{"targets":["a"]},{"targets":["b","a"],"labels":{"x":"1"}}]',
    'duplicate',
    'group 2',
    /^'a' is also in group 1, with other labels/,
  ],
  ['x.json', '[\n"\\q"\n]', 'syntax', 'line 2', /^it is not valid JSON here/],
  [
    'x.json',
    '[{"targets":[{}, null]}]',
    'structure',
    'group 1',
    /^its targets have a map, which is not a string/,
  ],
  [
    'x.json',
    `[{"targets":[${'['.repeat(100_000)}${']'.repeat(100_000)}]}]`,
    'structure',
    'group 1',
    /^its targets have a list, which is not a string/,
  ],
  // YAML
  [
    'x.yml',
    '['.repeat(100_000),
    'syntax',
    null,
    /^it is not usable as YAML: its lists or maps are nested too deeply$/,
  ],
  [
    'x.yml',
    '[a,\n'.repeat(1000),
    'syntax',
    null,
    /^it is not usable as YAML: its lists or maps are nested too deeply$/,
  ],
  [
    'x.yml',
    '- '.repeat(50_000),
    'syntax',
    null,
    /^it is not usable as YAML: its lists or maps are nested too deeply$/,
  ],
  [
    'x.yml',
    '? '.repeat(50_000),
    'syntax',
    null,
    /^it is not usable as YAML: its lists or maps are nested too deeply$/,
  ],
  [
    'x.yml',
    Array.from({ length: 1000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
    'syntax',
    null,
    /^it is not usable as YAML: its lists or maps are nested too deeply$/,
  ],
  ['x.yml', '- targets: [a\n- b', 'syntax', null, /^line 2 is not valid YAML: /],
  [
    'x.yml',
    '- targets: []\n  targets: []',
    'syntax',
    null,
    /^line 2 is not valid YAML: Map keys must be unique/,
  ],
  [
    'x.yml',
    '- targets: *hosts',
    'syntax',
    null,
    /^an alias cannot be used: .*; quote a text that begins with \*$/,
  ],
  ['x.yml', 'targets: [a]', 'structure', null, /^it is not a list of groups/],
  ['x.yaml', '- a.example', 'structure', 'group 1', /^it is not a group of targets/],
  ['x.yml', '- targets: [[a]]', 'structure', 'group 1', /^its targets have a list, which is not a string/],
  [
    'x.yml',
    '- {targets: [], labels: {[a]: b}}',
    'structure',
    'group 1',
    /^its labels have a list, which is not a string/,
  ],
  [
    'x.yml',
    `#${'\n'.repeat(2 ** 21)}`,
    'too-large',
    null,
    /^it is larger than 2 MB.* as YAML; write it as JSON, in a file/,
  ],
  // any format
  ['clocks', Buffer.from([0x61, 0xff]), 'unreadable', null, /^it is not UTF-8; save the file as UTF-8$/],
  [
    'clocks',
    '#'.repeat(2 ** 24 + 1),
    'too-large',
    null,
    /^it is larger than 16 MB; divide the targets among/,
  ],
] as const;

describe('invalid targets', () => {
  const mistakes = MISTAKES.map(([name, content, code, part, problem]) => ({
    name,
    content,
    code,
    part,
    problem,
  }));

  it.each(mistakes)('in $name, $part: $code, $problem', async ({ name, content, code, part, problem }) => {
    const error = await folder.openFile(name, content).catch((reason: unknown) => reason);
    const file = join(folder.path, name);
    expect(error).toMatchObject({ name: 'TargetsError', code, file, part, isUsage: false });
    const { message } = error as Error;
    const where = `--targets ${file}: ${part === null ? '' : `${part}: `}`;
    expect(message.slice(0, where.length)).toBe(where);
    expect(message.slice(where.length)).toMatch(problem);
    expect(message).not.toMatch(/\n|undefined|unexpected/i);
  });

  it('rejects a missing file and a folder', async () => {
    mkdirSync(join(folder.path, 'sub.yml'));
    const missing = join(folder.path, 'none');
    await expect(folder.open({ files: [missing] })).rejects.toMatchObject({
      code: 'unreadable',
      message: `--targets ${missing}: there is no such file; check the path`,
    });
    const sub = join(folder.path, 'sub.yml');
    await expect(folder.open({ files: [sub] })).rejects.toMatchObject({
      code: 'unreadable',
      message: `--targets ${sub}: it is a directory; name a file in it`,
    });
  });

  it('rejects an endless device as too large', async () => {
    await expect(folder.open({ files: ['/dev/zero'] })).rejects.toMatchObject({ code: 'too-large' });
  });

  it('on the command line are usage errors', async () => {
    await expect(folder.open({ hosts: ['a.example', '[::1'] })).rejects.toMatchObject({
      name: 'TargetsError',
      code: 'address',
      file: null,
      part: null,
      isUsage: true,
      message: expect.stringMatching(/^invalid address '\[::1': /),
    });
  });
});

it.each(['any', 'any.json', 'any.yml'])('any content of %s is read or rejected', async (name) => {
  const part = fc.constantFrom(
    ...'[]{}:,"#=\\\n\t -*&!|>%@',
    'targets',
    'labels',
    'a.example',
    '323',
    'srv:',
    'null',
    '\0',
  );
  const text = fc.oneof(
    fc.array(part, { maxLength: 40 }).map((parts) => parts.join('')),
    fc.json().map((json) => `[{"targets": ${json}, "labels": ${json}}]`),
    fc.string({ unit: 'binary' }),
  );
  const resolver = () => ({
    resolve4: async () => [],
    resolve6: async () => [],
    resolveSrv: async () => [],
    cancel: () => {},
  });
  await fc.assert(
    fc.asyncProperty(text, async (content) => {
      try {
        (await folder.open({ files: [folder.write(name, content)], resolver }))[Symbol.dispose]();
      } catch (error) {
        expect(error).toBeInstanceOf(TargetsError);
      }
    }),
    { numRuns: 200 },
  );
});

it('limits the expansion of nested aliases', async () => {
  const lists = Array.from({ length: 9 }, (_, i) => `- &l${i + 1} [${`*l${i},`.repeat(9)}]`);
  const text = ['- &l0 [a]', ...lists].join('\n');
  await expect(folder.openFile('bomb.yml', text)).rejects.toMatchObject({ code: 'syntax' });
});

describe('canonicalTarget()', () => {
  it.each([
    ['NTP1.Example.org', 'ntp1.example.org'],
    ['ntp1.example.org:323', 'ntp1.example.org'],
    ['udp://ntp1.example.org:0323', 'ntp1.example.org'],
    ['ntp1.example.org:10323', 'ntp1.example.org:10323'],
    ['ntp1.example.org.', 'ntp1.example.org.'],
    ['[2001:DB8:0::1]:323', '2001:db8::1'],
    ['[2001:db8::0001]:10323', '[2001:db8::1]:10323'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['0.0.0.0', '127.0.0.1'],
    ['unix:/run//chrony/./chronyd.sock', '/run/chrony/chronyd.sock'],
    ['unixgram:///run/chrony/chronyd.sock', '/run/chrony/chronyd.sock'],
    ['udp://unix:10323', 'udp://unix:10323'],
    ['udp://unix', 'unix'],
  ])('maps %s to %s, which stays the same', (text, canonical) => {
    expect(canonicalTarget(text)).toBe(canonical);
    expect(canonicalTarget(canonical)).toBe(canonical);
  });

  it('accepts a port for a host named a or srv, and an IPv6 address that begins with a', async () => {
    using targets = await folder.open({ hosts: ['a:10323', 'srv:10323', 'a', 'a::b:1'] });
    expect(linesOf(targets)).toEqual(['a:10323', 'srv:10323', 'a', 'a::b:1']);
  });
});

const port = fc.integer({ min: 1, max: 65_535 });
const host = fc.oneof(fc.domain(), fc.constantFrom('unix', 'a', 'srv', 'udp'), fc.ipV4(), fc.ipV6());
const address = fc
  .oneof(
    fc
      .tuple(host, port)
      .map(([name, number]) => (name.includes(':') ? `[${name}]:${number}` : `udp://${name}:${number}`)),
    host,
    fc.stringMatching(/^\/[a-z./#]{1,20}$/),
  )
  .map(canonicalTarget);
const labels = fc.dictionary(
  fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,10}$/).filter((name) => !name.startsWith('__')),
  fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
    .filter((text) => !/[\p{Cc}\p{Cs}]/u.test(text)),
  { maxKeys: 3 },
);
const lists: fc.Arbitrary<readonly Target[]> = fc.uniqueArray(fc.record({ address, labels }), {
  selector: (target) => target.address,
  maxLength: 30,
});

it('reads the same targets from the output of httpSd()', async () => {
  const plain = (targets: Iterable<Target>) =>
    new Map(Array.from(targets, (target) => [target.address, { ...target.labels }]));
  await fc.assert(
    fc.asyncProperty(lists, fc.constantFrom('sd.json', 'sd.yml'), async (targets, name) => {
      const groups = httpSd(targets);
      expect(new Set(groups.map((group) => JSON.stringify(Object.entries(group.labels).sort()))).size).toBe(
        groups.length,
      );
      using read = await folder.openFile(name, JSON.stringify(groups));
      expect(plain(read.targets.values())).toEqual(plain(targets));
    }),
  );
});

it('httpSd() returns one group per set of labels, in any order of the labels', () => {
  const targets = [
    { address: 'a', labels: { x: '1', y: '2' } },
    { address: 'b', labels: {} },
    { address: 'c', labels: { y: '2', x: '1' } },
  ];
  expect(httpSd(targets)).toEqual([
    { targets: ['a', 'c'], labels: { x: '1', y: '2' } },
    { targets: ['b'], labels: {} },
  ]);
});
