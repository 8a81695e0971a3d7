/** A reconciliation that finds nothing: every record of every tool is read again. */
import { untilInStep } from '@lockstep/launcher/waiting.ts';
import { cpuSecondsOf } from './processes.ts';
import { BENCH_TOOLS } from './stage.ts';
import type { Stage } from './stage.ts';
import { atMost, row } from './table.ts';
import type { Row } from './table.ts';

const RECONCILE_MS = 30 * 60_000;

export async function measureReconcile({ api, simulator, worker }: Stage, items: number): Promise<readonly Row[]> {
  const after = await simulator.lastSeq();
  const scannedAfter = new Date().toISOString();
  const [cpuBefore, startedMs] = [cpuSecondsOf(worker.service.pid), performance.now()];
  await api.sync({ fullScan: true });
  await untilInStep(api, { timeoutMs: RECONCILE_MS, scannedAfter });
  const [cpu, seconds] = [cpuSecondsOf(worker.service.pid) - cpuBefore, (performance.now() - startedMs) / 1_000];
  const counts = await Promise.all(BENCH_TOOLS.map((tool) => simulator.counts(tool, after)));
  const writes = counts.reduce((sum, { creates, updates, deletes }) => sum + creates + updates + deletes, 0);
  const name = `no-op reconcile of ${items} items in three tools`;
  return [
    row(`${name}: writes`, writes, 'writes', { goal: atMost(0, 'writes') }),
    row(`${name}: CPU of the worker`, cpu, 's', { goal: atMost(10, 's') }),
    row(`${name}: elapsed`, seconds, 's'),
  ];
}
