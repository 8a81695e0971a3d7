/** The shipped examples of routing load, are clean, and say what their comments say. */
import { readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse as parseCsv } from 'csv-parse/sync';
import { LineCounter, parseDocument, isNode } from 'yaml';
import { describe, expect, it } from 'vitest';
import { calibrate } from '@lockstep/domain/routing/calibrate.ts';
import { checkRouting } from '@lockstep/domain/routing/check.ts';
import type { CheckRequest } from '@lockstep/domain/routing/check-request.ts';
import { motionOf, MOTIONS } from '@lockstep/domain/routing/motion.ts';
import { readOutcomes } from '@lockstep/domain/routing/outcomes.ts';
import { ruleFor } from '@lockstep/domain/routing/policy.ts';
import { problemText } from '@lockstep/domain/routing/problem.ts';
import type { Path } from '@lockstep/domain/routing/problem.ts';
import { readRoutingFile, routingJsonSchema } from '@lockstep/domain/routing/routing-file.schema.ts';
import type { RoutingFile, RoutingFileKind } from '@lockstep/domain/routing/routing-file.schema.ts';
import { shippedSlas } from '@lockstep/domain/routing/shipped-slas.ts';
import { territoryOf } from '@lockstep/domain/routing/territory.ts';
import { TIERS } from '@lockstep/domain/routing/tier.ts';
import { schemaFile } from '../../scripts/schemas.ts';

const pathOf = (name: string): string => fileURLToPath(new URL(`../../examples/routing/${name}`, import.meta.url));

interface Read<Kind extends RoutingFileKind> {
  readonly raw: unknown;
  readonly value: RoutingFile<Kind>;
  readonly locate: (path: Path) => number | null;
}

function read<Kind extends RoutingFileKind>(kind: Kind, text = readFileSync(pathOf(`${kind}.yaml`), 'utf8')): Read<Kind> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const locate = (path: Path): number | null => {
    const node = document.getIn(path, true);
    return isNode(node) && node.range ? lines.linePos(node.range[0]).line : null;
  };
  const raw: unknown = document.toJS();
  const result = readRoutingFile(kind, raw, { file: `${kind}.yaml`, locate });
  if ('problems' in result) throw new Error(result.problems.map(problemText).join('\n'));
  return { raw, value: result.value, locate };
}

const scoring = read('scoring');
const roster = read('roster');
const policy = read('policy');
const slas = read('slas');

const SLAS = ['inbound-demo', 'form', 'pql', 'mql-to-sql', 'sql-to-opportunity', 'escalated-hand-over'];
const request: CheckRequest = {
  policy: policy.value,
  roster: roster.value,
  scoring: scoring.value,
  slas: SLAS.map((id) => ({ id, people: ['carla'], longestWaitMinutes: 960 })),
  connections: ['hubspot', 'salesforce'],
  at: '2026-11-20T00:00:00Z',
  files: { policy: 'policy.yaml', roster: 'roster.yaml' },
  locate: (file, path) => (file === 'policy' ? policy : roster).locate(path),
  isZone: (zone) => Intl.supportedValuesOf('timeZone').some((known) => known === zone || zone === 'Asia/Kolkata'),
};

describe('the examples of routing', () => {
  it('pass `lockstep routing check`, but for small companies elsewhere, who are for people to look at', () => {
    expect(checkRouting(request).map(problemText)).toEqual([
      expect.stringMatching(
        /^roster\.yaml:\d+: territories: warning: expected a territory for every country and tier prosumer, got none for AD/,
      ),
      expect.stringMatching(
        /^roster\.yaml:\d+: territories: warning: expected a territory for every country and tier smb, got none for AD/,
      ),
    ]);
  });

  it('a mistake is told with its line', () => {
    const text = readFileSync(pathOf('policy.yaml'), 'utf8').replace('sla: inbound-demo, fallback', 'sla: inbound-demos, fallback');
    const changed = read('policy', text);
    const line = text.split('\n').findIndex((one) => one.includes('inbound-demos')) + 1;
    const found = checkRouting({ ...request, policy: changed.value, locate: (_, path) => changed.locate(path) }).map(problemText);
    expect(found[0]).toMatch(
      new RegExp(`^policy\\.yaml:${line}: rules\\[7\\]\\.way\\.sla: expected a service level: inbound-demo, .*got inbound-demos`),
    );
  });

  it.each(['scoring', 'roster', 'policy', 'slas'] as const)('%s.yaml holds under its JSON Schema, and a mistake does not', (kind) => {
    const validate = new Ajv2020({ strict: false, formats: { 'date-time': true, email: true } }).compile(routingJsonSchema(kind));
    const { raw } = { scoring, roster, policy, slas }[kind];
    expect([validate(raw), validate.errors]).toEqual([true, null]);
    expect(validate({ ...(raw as object), extra: 1 })).toBe(false);
  });

  it.each(['scoring', 'roster', 'policy', 'slas'] as const)('%s.yaml names its JSON Schema in its first line, for editors', (kind) => {
    const [first = ''] = readFileSync(pathOf(`${kind}.yaml`), 'utf8').split('\n');
    const [, path = ''] = /^# yaml-language-server: \$schema=(.+)$/.exec(first) ?? [];
    expect(fileURLToPath(new URL(path, pathToFileURL(pathOf('x'))))).toBe(schemaFile(kind));
  });

  it('R2 slas.yaml has the service levels that count where no file is named', () => {
    expect(slas.value.slas).toEqual(shippedSlas(roster.value.territoryGap));
  });

  it('three motions by three tiers: every kind of lead has a rule', () => {
    const sources = { plg: 'product', slg: 'inbound-demo', alg: 'chat' } as const;
    const ways = MOTIONS.flatMap((motion) =>
      TIERS.map((tier) => {
        expect(motionOf(policy.value, { tier, source: sources[motion], traits: {} })).toBe(motion);
        const lead = { motion, tier, territoryId: 'emea', source: sources[motion], score: 65, isBackfill: false };
        return `${motion} ${tier}: ${ruleFor(policy.value, lead)?.id}`;
      }),
    );
    expect(ways).toEqual([
      'plg prosumer: prosumer-pql',
      'plg smb: smb-pql',
      'plg enterprise: enterprise-pql',
      'slg prosumer: demo',
      'slg smb: demo',
      'slg enterprise: enterprise-demo',
      'alg prosumer: agent',
      'alg smb: agent',
      'alg enterprise: enterprise-agent',
    ]);
  });

  it('29 imported history never meets the 5-minute clock', () => {
    for (const motion of MOTIONS)
      for (const tier of TIERS) {
        const lead = { motion, tier, territoryId: 'emea', source: 'inbound-demo', score: 90, isBackfill: true };
        expect(ruleFor(policy.value, lead)?.way.sla).toBe('mql-to-sql');
      }
  });

  it('16 "UK" is in a territory, a small company in Kosovo and one from nowhere are gaps with a named human', () => {
    const where = (country: string | null): unknown => territoryOf(roster.value, { country, subdivision: null, tier: 'smb' });
    expect(where('UK')).toEqual({ kind: 'territory', territoryId: 'emea', place: 'GB' });
    expect(where('XK')).toEqual({ kind: 'gap', reason: 'NO_TERRITORY', country: 'XK', personId: 'ruth' });
    expect(where(null)).toEqual({ kind: 'gap', reason: 'COUNTRY_UNKNOWN', country: null, personId: 'ruth' });
  });

  it('outcomes.csv calibrates: a precision of 70 % is claimed where the later part supports it, and refused where it does not', () => {
    const rows = parseCsv<{ record: Record<string, string>; info: { lines: number } }>(readFileSync(pathOf('outcomes.csv'), 'utf8'), {
      columns: true,
      info: true,
    });
    const { rows: outcomes, problems } = readOutcomes(rows.map(({ record, info }) => ({ line: info.lines, cells: record })));
    expect(problems).toEqual([]);
    expect(outcomes[0]?.line).toBe(2);
    const { prosumer, smb, enterprise } = scoring.value.tiers;
    const thresholds = { prosumer: prosumer.threshold, smb: smb.threshold, enterprise: enterprise.threshold };
    const result = calibrate(outcomes, { thresholds });
    expect(result).toMatchObject({ kind: 'calibrated', caveats: [] });
    const claims = result.kind === 'calibrated' ? result.tiers.map(({ tier, claim }) => `${tier} ${claim.kind}`) : [];
    expect(claims).toEqual(['prosumer refused', 'smb proven', 'enterprise proven']);
  });
});
