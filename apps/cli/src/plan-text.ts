/** A plan for people: per connection what is created, changed and removed, field by field. */
import type { Plan } from '@lockstep/api/schemas.ts';
import { counted, shortened, visible } from './output.ts';
import type { Output } from './output.ts';

type PlannedWrite = Plan['writes'][number];
type Value = PlannedWrite['fields'][number]['after'];

/** Writes of one connection that are shown unless all are asked for. */
const MOST_SHOWN = 25;
const MOST_VALUE = 60;

const SIGN = { create: ['green', '+'], update: ['yellow', '~'], remove: ['red', '-'] } as const;

/** The plan, or its beginning. */
export function planText(plan: Plan, output: Output, all = false): string {
  const titles = new Map(plan.writes.map((write) => [write.itemId, write.title]));
  const lines: string[] = [];
  for (const connectionId of new Set(plan.writes.map((write) => write.connectionId))) {
    const writes = plan.writes.filter((write) => write.connectionId === connectionId);
    lines.push(`${output.paint('bold', connectionId)}: ${summary(writes)}`);
    for (const write of all ? writes : writes.slice(0, MOST_SHOWN)) lines.push(...writeLines(write, titles, output));
    if (!all && writes.length > MOST_SHOWN) lines.push(`  … and ${writes.length - MOST_SHOWN} more; --all shows them`);
    lines.push('');
  }
  for (const held of plan.heldBack)
    lines.push(
      `${held.connectionId}: ${heldText(held)} held back; \`lockstep apply --approve-deletes\` lets them through`,
      `  ${held.message}`,
      '',
    );
  lines.push(plan.writes.length === 0 ? 'Nothing is owed.' : `${counted(plan.writes.length, 'write')} in all.`);
  lines.push(`Plan ${shortId(plan)}`);
  return lines.join('\n');
}

/** `40 deletes`, `12 removed relations`. */
export function heldText({ deletes, unlinks }: Pick<Plan['heldBack'][number], 'deletes' | 'unlinks'>): string {
  const parts = [...(deletes === 0 ? [] : [counted(deletes, 'delete')]), ...(unlinks === 0 ? [] : [counted(unlinks, 'removed relation')])];
  return parts.join(' and ');
}

/** How a person names a plan. */
export function shortId(plan: Plan): string {
  return plan.planId.slice(0, 12);
}

/** `3 creates, 1 update`. */
export function summary(writes: readonly PlannedWrite[]): string {
  const parts = (['create', 'update', 'remove'] as const).flatMap((operation) => {
    const count = writes.filter((write) => write.operation === operation).length;
    return count === 0 ? [] : [counted(count, operation)];
  });
  return parts.length === 0 ? 'nothing' : parts.join(', ');
}

function writeLines(write: PlannedWrite, titles: ReadonlyMap<string, string>, output: Output): readonly string[] {
  const [style, sign] = SIGN[write.operation];
  const name = write.remoteKey === null ? write.kind : `${write.kind} ${visible(write.remoteKey)}`;
  const shown = (value: Value): string => valueText(value, titles);
  const fields = write.fields.map(({ field, before, after }) =>
    write.operation === 'create' ? `      ${field}: ${shown(after)}` : `      ${field}: ${shown(before)} → ${shown(after)}`,
  );
  return [`  ${output.paint(style, sign)} ${name} "${visible(shortened(write.title, MOST_VALUE * 2))}"`, ...fields];
}

/** A value as people read it: references by their titles where these are known, nothing as (empty). */
export function valueText(value: Value, titles: ReadonlyMap<string, string> = new Map()): string {
  if (value === null || value.length === 0) return '(empty)';
  const name = (text: string): string => titles.get(text) ?? text;
  return visible(shortened(typeof value === 'string' ? name(value) : value.map(name).join(', '), MOST_VALUE));
}
