/** The operating figures have one source and three faces: the API, Prometheus' page and `lockstep status`. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ApiFigures } from '@lockstep/api/figure-schemas.ts';
import { operatingFiguresSchema } from '@lockstep/api/figure-schemas.ts';
import { statusSchema } from '@lockstep/api/schemas.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { TOKEN } from './api-desk.ts';
import { openFiguresDesk, samplesOf, SPENT } from './figures-desk.ts';
import type { FiguresDesk } from './figures-desk.ts';
import { AT_RISK, CANARY } from './situation.ts';

const database = useTestStore();
const CLI = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url));

let desk: FiguresDesk;
let figures: ApiFigures;
let page: string;

beforeAll(async () => {
  desk = await openFiguresDesk(database, 'bad');
  figures = statusSchema.parse(JSON.parse(await desk.get('/v1/status'))).figures;
  page = await desk.get('/metrics');
});
afterAll(() => desk.close());

test('S6 the API shows the figures of the situation', () => {
  expect(operatingFiguresSchema.strict().parse(figures)).toEqual(figures);
  expect(figures.connections).toEqual([
    {
      ...{ connectionId: 'jira', connector: 'jira', gate: 'open', breaker: null, lagSeconds: 900, fullScanAgeSeconds: 100_000 },
      ...{ oldestUnsyncedSeconds: 660, owed: 2, sending: 1, marked: 1, api: SPENT },
      parked: [
        { kind: 'record', code: 'ambiguous-match', count: 1 },
        { kind: 'write', code: 'Forbidden', count: 1 },
        { kind: 'write', code: 'Invalid', count: 2 },
      ],
      conflicts: [
        { kind: 'cycle', count: 1 },
        { kind: 'manual', count: 1 },
      ],
    },
    {
      ...{ connectionId: 'notion', connector: 'jira', gate: 'paused', breaker: 'auth', lagSeconds: null, fullScanAgeSeconds: null },
      ...{ oldestUnsyncedSeconds: 0, owed: 0, sending: 0, marked: 0, parked: [], conflicts: [], api: null },
    },
  ]);
  expect(figures.changeSets).toEqual({
    ...{ underWay: 2, awaitingApproval: 1, oldestAwaitingSeconds: 10_800, needOperator: 1, oldestNeedSeconds: 5_400 },
    ...{ owedNotices: 1, oldestOwedNoticeSeconds: 480 },
  });
  expect(figures.replays).toEqual({ underWay: 0, awaitingApproval: 1 });
  expect(figures.routing).toMatchObject({
    totals: { open: AT_RISK + 303, atRisk: AT_RISK, breached: 1 },
    ...{ owedNotices: 1, oldestOwedNoticeSeconds: 180, overdueSeconds: 660 },
  });
});

test('S6 Prometheus reads the same numbers', () => {
  const found = Object.fromEntries(samplesOf(page));
  const [jira] = figures.connections;
  const { changeSets, replays, routing } = figures;
  if (jira === undefined || changeSets === null || replays === null || routing === null) throw new Error('expected all figures');
  const own = '{connection="jira"}';
  expect(found).toMatchObject({
    [`lockstep_connection_lag_seconds${own}`]: jira.lagSeconds,
    [`lockstep_connection_full_scan_age_seconds${own}`]: jira.fullScanAgeSeconds,
    [`lockstep_connection_oldest_unsynced_seconds${own}`]: jira.oldestUnsyncedSeconds,
    'lockstep_owed_writes{connection="jira",state="owed"}': jira.owed,
    'lockstep_owed_writes{connection="jira",state="sending"}': jira.sending,
    [`lockstep_marked_records${own}`]: jira.marked,
    ...Object.fromEntries(
      jira.parked.map(({ kind, code, count }) => [`lockstep_parked_things{connection="jira",kind="${kind}",code="${code}"}`, count]),
    ),
    ...Object.fromEntries(jira.conflicts.map(({ kind, count }) => [`lockstep_conflicts_open{connection="jira",kind="${kind}"}`, count])),
    'lockstep_connection_stopped{connection="notion",cause="paused"}': 1,
    'lockstep_connection_stopped{connection="notion",cause="auth"}': 1,
    'lockstep_api_calls_limit{connection="jira",scope="day"}': 1_000,
    'lockstep_api_calls_remaining{connection="jira",scope="day"}': 40,
    [`lockstep_api_held_seconds${own}`]: 900,
    'lockstep_api_requests_total{connection="jira",outcome="throttled"}': 2,
    lockstep_change_sets_under_way: changeSets.underWay,
    lockstep_change_sets_awaiting_approval: changeSets.awaitingApproval,
    lockstep_change_sets_oldest_awaiting_approval_seconds: changeSets.oldestAwaitingSeconds,
    lockstep_change_sets_need_operator: changeSets.needOperator,
    lockstep_change_sets_oldest_need_operator_seconds: changeSets.oldestNeedSeconds,
    lockstep_replays_awaiting_approval: replays.awaitingApproval,
    'lockstep_sla_at_risk_clocks{sla="pql"}': routing.totals.atRisk,
    'lockstep_sla_open_clocks{sla="pql"}': routing.totals.open,
    lockstep_sla_overdue_seconds: routing.overdueSeconds,
    lockstep_notices_oldest_owed_seconds: routing.oldestOwedNoticeSeconds,
  });
  expect(Object.keys(found).some((name) => name.startsWith('lockstep_connection_lag_seconds{connection="notion"'))).toBe(false);
});

test('78 no label, name or number of the page holds what people or records are called', () => {
  expect(page).not.toMatch(/canary|example\.com|\bada\b/);
  expect(JSON.stringify(figures)).not.toContain(CANARY);
});

test('S6 lockstep status shows the same numbers, as JSON and to people', async () => {
  const run = async (...args: readonly string[]): Promise<string> => {
    const options = { env: { PATH: process.env['PATH'] ?? '' } };
    const program = ['--disable-warning=ExperimentalWarning', CLI, 'status', '--url', desk.url, '--token', TOKEN, ...args];
    return (await promisify(execFile)(process.execPath, program, options)).stdout;
  };
  expect(statusSchema.parse(JSON.parse(await run('--json'))).figures).toEqual(figures);
  const text = await run();
  expect(text).toMatch(
    /jira +15 min +11 min +3 +record ambiguous-match 1, write Forbidden 1, write Invalid 2 +cycle 1, manual 1 +40 of 1000 \(day\) +15 min/,
  );
  expect(text).toContain('Change sets: 2 under way, 1 waiting for a yes, 1 in need of an operator');
  expect(text).toContain(`1503 open, ${AT_RISK} at risk, 1 breached, 1 uncovered`);
  expect(text).toContain('1 change set waiting for an operator since 1 h 30 min');
});
