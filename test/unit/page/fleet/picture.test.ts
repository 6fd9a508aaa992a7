/** The topology of a fleet: the layout of its diagram, and the same information as text. */
import { describe, expect, it } from 'vitest';
import type { SourceUse, Topology } from '../../../../src/fleet/row.ts';
import {
  bottomOf,
  CELL_WIDTH,
  layoutPicture,
  type Picture,
} from '../../../../src/page/fleet/picture/layout.ts';
import {
  falsetickersOf,
  marksOf,
  nodeText,
  shortened,
  warningsOf,
} from '../../../../src/page/fleet/picture/text.ts';

function source(address: string, changes: Partial<SourceUse> = {}): SourceUse {
  const followers = changes.followers ?? [];
  return {
    address,
    name: null,
    target: null,
    followers,
    users: followers.length,
    falseticker: 0,
    unreachable: 0,
    stratum: 1,
    isSuspect: false,
    ...changes,
  };
}

function topologyOf(sources: readonly SourceUse[], more: Partial<Topology> = {}): Topology {
  return { sources, loops: [], islands: [], ...more };
}

function hosts(count: number, prefix = 'host'): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${i}`);
}

/** `top` follows a reference clock; `middle` and 300 others follow `top`; two clocks follow `middle`. */
const TREE = topologyOf([
  source('10.0.0.1', { name: 'top', target: 'top', followers: ['middle', ...hosts(300)] }),
  source('10.0.0.2', { target: 'middle', followers: ['leaf1', 'leaf2'], stratum: 2 }),
  source('top PPS', { name: 'PPS', followers: ['top'], stratum: 0 }),
  source('192.0.2.9', { users: 4 }),
]);

function nodeAt(picture: Picture, name: string) {
  const node = picture.nodes.find((each) => each.name === name);
  if (node === undefined) throw new Error(`no node ${name}`);
  return node;
}

describe('the layout', () => {
  const picture = layoutPicture(TREE, 1000, 24);

  it('has one layer per stratum, from top to bottom', () => {
    expect(picture.layers.map(({ stratum }) => stratum)).toEqual([0, 1, 2]);
    const tops = picture.layers.map(({ top }) => top);
    expect(tops).toEqual(tops.toSorted((a, b) => a - b));
    expect(picture.nodes.map(({ name }) => name)).toEqual(['PPS', 'top', '10.0.0.2']);
  });

  it('connects each source to followers that are sources, and counts the others', () => {
    expect(picture.edges.map(({ from, to }) => `${from.name} ${to.name}`)).toEqual([
      'PPS top',
      'top 10.0.0.2',
    ]);
    expect(picture.nodes.map(({ others }) => others)).toEqual([0, 300, 2]);
  });

  it('has larger nodes for sources with more followers', () => {
    expect(nodeAt(picture, 'top').radius).toBeGreaterThan(nodeAt(picture, '10.0.0.2').radius);
    expect(nodeAt(picture, '10.0.0.2').radius).toBeGreaterThan(nodeAt(picture, 'PPS').radius);
  });

  it('has no nodes for sources without followers', () => {
    expect(picture.leftOut).toBe(0);
    expect(picture.nodes.map(({ name }) => name)).not.toContain('192.0.2.9');
  });

  it.each([320, 390, 800, 1600])('has room for each node at a width of %d', (width) => {
    const many = topologyOf(
      hosts(20).map((name, i) => source(name, { followers: hosts(20 - i, `f${i}`), stratum: 1 + (i % 3) })),
    );
    const { nodes, height, layers } = layoutPicture(many, width, 24);
    expect(nodes).toHaveLength(20);
    for (const node of nodes) {
      expect(node.x).toBeGreaterThanOrEqual(CELL_WIDTH / 2 - 1);
      expect(node.x).toBeLessThanOrEqual(width - CELL_WIDTH / 2 + 1);
      expect(bottomOf(node)).toBeLessThanOrEqual(height);
      const layer = layers.find(({ stratum }) => stratum === node.source.stratum);
      expect(node.y).toBeGreaterThan(layer?.top ?? Number.POSITIVE_INFINITY);
      const beside = nodes.filter((each) => each !== node && Math.abs(each.y - node.y) < 60);
      for (const each of beside) expect(Math.abs(each.x - node.x)).toBeGreaterThanOrEqual(CELL_WIDTH - 1);
    }
  });

  it('leaves out the sources with the fewest followers, but never a suspected source, a loop or an island', () => {
    const sources = [
      ...hosts(40).map((name, i) => source(name, { followers: hosts(100 - i, name) })),
      source('wrong', { isSuspect: true, users: 5, falseticker: 5 }),
      source('a', { target: 'a', followers: ['b'] }),
      source('b', { target: 'b', followers: ['a'] }),
    ];
    const { nodes, leftOut, edges } = layoutPicture(topologyOf(sources, { loops: [['a', 'b']] }), 1000, 10);
    expect(nodes).toHaveLength(10);
    expect(leftOut).toBe(33);
    const names = nodes.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['wrong', 'a', 'b', 'host0', 'host6']));
    expect(names).not.toContain('host7');
    expect(edges.map(({ isLoop }) => isLoop)).toEqual([true, true]);
  });

  it('places followers below their source, so that edges are short', () => {
    const { nodes } = layoutPicture(
      topologyOf([
        source('left', { followers: ['l1'] }),
        source('right', { followers: ['r1'] }),
        source('r', { target: 'r1', followers: ['x', 'y', 'z'], stratum: 2 }),
        source('l', { target: 'l1', followers: ['w'], stratum: 2 }),
      ]),
      1000,
      24,
    );
    const at = new Map(nodes.map(({ name, x }) => [name, x]));
    expect(Math.sign((at.get('l') ?? 0) - (at.get('r') ?? 0))).toBe(
      Math.sign((at.get('left') ?? 0) - (at.get('right') ?? 0)),
    );
  });

  it('is empty without sources', () => {
    expect(layoutPicture(topologyOf([]), 1000, 24)).toMatchObject({ nodes: [], layers: [], height: 0 });
  });
});

describe('the text', () => {
  it('lists the followers of a node', () => {
    const picture = layoutPicture(TREE, 1000, 24);
    const [top, middle] = [nodeAt(picture, 'top'), nodeAt(picture, '10.0.0.2')];
    expect(nodeText(top, [middle])).toBe('top (10.0.0.1), stratum 1: 301 followers: 10.0.0.2, +300 clocks.');
    expect(nodeText(middle, [])).toBe('10.0.0.2, stratum 2, the target middle: 2 followers: +2 clocks.');
    expect(marksOf(top)).toEqual([]);
  });

  it('marks and explains a suspected source, a loop and an island', () => {
    const sources = [
      source('wrong', { isSuspect: true, users: 5, falseticker: 4, unreachable: 1 }),
      source('a', { target: 'a', followers: ['b'] }),
      source('b', { target: 'b', followers: ['a', 'c'] }),
      source('c', { target: 'c', followers: ['d'] }),
    ];
    const topology = topologyOf(sources, { loops: [['a', 'b']], islands: [['a', 'b', 'c']] });
    const picture = layoutPicture(topology, 1000, 24);
    expect(['wrong', 'a', 'c'].map((name) => marksOf(nodeAt(picture, name)))).toEqual([
      ['probably wrong'],
      ['in a loop'],
      ['in an island'],
    ]);
    expect(nodeText(nodeAt(picture, 'wrong'), [])).toBe(
      'wrong, stratum 1: no clock follows it. It is probably wrong: 4 of 5 clocks that have it as a source call it a ' +
        'falseticker. 1 of 5 clocks cannot reach it.',
    );
    const [loop, island] = warningsOf(topology);
    expect(loop).toMatch(/^Loop: a and b follow each other in a circle\./);
    expect(island).toMatch(/^Island: a, b and c follow only each other, and nothing outside\./);
  });

  it('shortens the list of a large loop', () => {
    expect(warningsOf(topologyOf([], { loops: [hosts(20)] }))[0]).toMatch(/host5 and 14 more follow/);
  });

  it('lists sources that several clocks call a falseticker, suspected sources first', () => {
    const sources = [
      source('one', { falseticker: 1, users: 9 }),
      source('some', { falseticker: 3, users: 90 }),
      source('suspect', { falseticker: 2, users: 2, isSuspect: true }),
    ];
    expect(falsetickersOf(topologyOf(sources)).map(({ address }) => address)).toEqual(['suspect', 'some']);
  });

  it('shortens a long name to its beginning and end', () => {
    expect(shortened('ntp1.example', 12)).toBe('ntp1.example');
    expect(shortened('server-0001.fra.example.net', 15)).toBe('server-…ple.net');
  });
});
