/** Held against a reader of the format that is written from its page, not from the writer: https://prometheus.io/docs/instrumenting/exposition_formats/. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exposition } from './exposition.ts';
import type { MetricFamily } from './exposition.ts';

interface Read {
  readonly name: string;
  help: string | null;
  type: string | null;
  readonly samples: { labels: Record<string, string>; value: number }[];
}

/** Reads a page line by line; throws where it breaks a rule. */
function readPage(page: string): readonly Read[] {
  // "The last line must end with a line feed character. Empty lines are ignored."
  if (!page.endsWith('\n')) throw new Error('no line feed at the end');
  const families: Read[] = [];
  for (const line of page.slice(0, -1).split('\n')) {
    const comment = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/.exec(line);
    const name = comment?.[2] ?? /^[a-zA-Z_:][a-zA-Z0-9_:]*/.exec(line)?.[0];
    if (name === undefined) throw new Error(`neither a comment nor a sample: ${line}`);
    // "All lines for a given metric must be provided as one single group."
    let family = families.at(-1);
    if (family?.name !== name) {
      if (families.some((other) => other.name === name)) throw new Error(`${name} in two groups`);
      families.push((family = { name, help: null, type: null, samples: [] }));
    }
    if (comment?.[1] === 'HELP') family.help = unescaped(comment[3] ?? '', false);
    else if (comment?.[1] === 'TYPE') {
      // "The TYPE line for a metric name must appear before the first sample is reported for that metric name."
      if (family.samples.length > 0 || family.type !== null) throw new Error(`${name}: a second or late TYPE`);
      family.type = comment[3] ?? '';
    } else family.samples.push(sampleOf(line.slice(name.length)));
  }
  return families;
}

/** `{a="b",c="d"} 1.5`; label values hold \\, \" and \n. */
function sampleOf(rest: string): { labels: Record<string, string>; value: number } {
  const labels: Record<string, string> = {};
  let at = 0;
  if (rest[0] === '{') {
    at = 1;
    while (rest[at] !== '}') {
      const name = /^([a-zA-Z_][a-zA-Z0-9_]*)="/.exec(rest.slice(at));
      if (name === null) throw new Error(`no label at ${at}: ${rest}`);
      at += name[0].length;
      const start = at;
      for (; rest[at] !== '"'; at += 1) {
        if (at >= rest.length) throw new Error(`no end of a label: ${rest}`);
        if (rest[at] === '\\') at += 1;
      }
      labels[name[1] ?? ''] = unescaped(rest.slice(start, at), true);
      at += 1;
      if (rest[at] === ',') at += 1;
      else if (rest[at] !== '}') throw new Error(`neither a comma nor an end: ${rest}`);
    }
    at += 1;
  }
  const value = /^ (NaN|[+-]Inf|[+-]?\d+(\.\d+)?(e[+-]?\d+)?)$/.exec(rest.slice(at))?.[1];
  if (value === undefined) throw new Error(`no value: ${rest}`);
  return { labels, value: Number(value.replace('Inf', 'Infinity')) };
}

/** A backslash stands before a backslash or an n, in label values before a quotation mark too, and before nothing else. */
function unescaped(text: string, isLabel: boolean): string {
  return text.replaceAll(/\\(.?)/g, (_, next: string) => {
    if (next === 'n') return '\n';
    if (next === '\\' || (isLabel && next === '"')) return next;
    throw new Error(`an escape that is none: ${text}`);
  });
}

const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom('\\', '"', '\n', '\\n', '{', '}', ',', '=', ' ', '#', 'ü', '😀'),
    fc.string({ minLength: 1, maxLength: 1 }),
  ),
});
const oneLine = text.map((some) => some.replaceAll('\r', ''));
const value = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(Number.NaN, Infinity, -Infinity, 0, 1e21, 1e-7));
const family = fc.record({
  help: oneLine,
  type: fc.constantFrom('gauge' as const, 'counter' as const),
  samples: fc.array(fc.record({ labels: fc.dictionary(fc.constantFrom('sla', 'state', 'x_1', '_y'), oneLine), value }), { maxLength: 4 }),
});

describe('the text format of Prometheus', () => {
  it('is as its page shows it', () => {
    const families: readonly MetricFamily[] = [
      {
        ...{ name: 'msdos_file_access_time_seconds', help: 'A \\ and a\nline', type: 'gauge' },
        samples: [{ labels: { path: 'C:\\DIR\\FILE.TXT', error: 'Cannot find file:\n"FILE.TXT"' }, value: 1.458255915e9 }],
      },
      { name: 'lockstep_none', help: 'None yet.', type: 'counter', samples: [] },
      { name: 'lockstep_one', help: 'One.', type: 'gauge', samples: [{ value: 1 }, { labels: { a: '', b: 'c' }, value: -Infinity }] },
    ];
    expect(exposition(families)).toBe(
      [
        '# HELP msdos_file_access_time_seconds A \\\\ and a\\nline',
        '# TYPE msdos_file_access_time_seconds gauge',
        'msdos_file_access_time_seconds{path="C:\\\\DIR\\\\FILE.TXT",error="Cannot find file:\\n\\"FILE.TXT\\""} 1458255915',
        '# HELP lockstep_none None yet.',
        '# TYPE lockstep_none counter',
        '# HELP lockstep_one One.',
        '# TYPE lockstep_one gauge',
        'lockstep_one 1',
        'lockstep_one{a="",b="c"} -Inf',
        '',
      ].join('\n'),
    );
  });

  it('whatever is in it is read back as it was, by the rules of the format', () => {
    fc.assert(
      fc.property(fc.array(family, { minLength: 1, maxLength: 4 }), (some) => {
        const families = some.map((one, index) => ({ ...one, name: `lockstep_f${index}` }));
        const plain = families.map(({ samples, ...one }) => ({
          ...one,
          // The format has one zero.
          samples: samples.map((sample) => ({ labels: { ...sample.labels }, value: sample.value === 0 ? 0 : sample.value })),
        }));
        expect(readPage(exposition(families))).toEqual(plain);
      }),
    );
  });

  it.each([
    ['a name that it does not allow', [{ name: 'lockstep-sla', help: '', type: 'gauge', samples: [] }]],
    ['a label that it does not allow', [{ name: 'a', help: '', type: 'gauge', samples: [{ labels: { 'a.b': '' }, value: 1 }] }]],
    ['a label that is Prometheus’ own', [{ name: 'a', help: '', type: 'gauge', samples: [{ labels: { __name__: '' }, value: 1 }] }]],
    [
      'a family that is there twice',
      [
        { name: 'a', help: '', type: 'gauge', samples: [] },
        { name: 'a', help: '', type: 'gauge', samples: [] },
      ],
    ],
  ] as const)('%s is refused', (_, families) => {
    expect(() => exposition(families)).toThrow(RangeError);
  });
});
