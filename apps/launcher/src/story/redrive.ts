/** A mistake in a mapping parks twelve values; the operator finds out why, puts it right, looks, and drives them again. */
import { readFileSync } from 'node:fs';
import type { ApiItem } from '@lockstep/api/schemas.ts';
import { eventually, untilInStep } from '../waiting.ts';
import { SEEN_WITHIN_MS, theOne } from './stage.ts';
import type { Stage, Step } from './stage.ts';
import { NothingToTell } from './steps.ts';

const SHIPPED = new URL('../../../../packages/connectors/mappings/jira.yaml', import.meta.url);
const HIGH = 'High';
const MISTAKE = 'Hihg';
const TASKS = 12;

const parkedByAMistake: Step = {
  step: 'a mistake in a mapping parks twelve values; they are driven again once it is put right',
  async play(stage) {
    const { operator, simulator } = stage;
    const titles = Array.from({ length: TASKS }, () => stage.takeTask()).flatMap((task) => (task === null ? [] : [titleOf(task)]));
    if (titles.length === 0) throw new NothingToTell();
    operator.begin('A mistake in a mapping');
    operator.note(
      `Priya works on the mapping of Jira and types "${MISTAKE}" for "${HIGH}". Omar gives ${titles.length} tasks that priority in Notion.`,
    );
    await stage.remap(
      'jira',
      readFileSync(SHIPPED, 'utf8').replace(`high: ${HIGH}`, () => `high: ${MISTAKE}`),
    );
    await operator.type(['apply', '--yes', '--wait']);
    for (const title of titles) await stage.notion.edit((await theOne(stage.notion, title)).id, { priority: HIGH });
    const waiting = async (): Promise<number> => (await stage.api().parked()).total;
    await eventually('Jira to be shown none of them', SEEN_WITHIN_MS, async () => ((await waiting()) === titles.length ? true : null));
    await operator.type(['status', '--check'], { exitCode: 3 });
    await operator.type(['redrive', 'list']);
    const { causes } = await stage.api().parked();
    const [cause] = causes;
    if (cause === undefined || causes.length > 1) return { ok: false, detail: `expected one cause, got ${causes.length}` };

    operator.note(
      'She sees why and puts the word right. A mapping that has changed writes nothing before its plan is applied; what was left out stays so.',
    );
    await stage.remap('jira', null);
    await operator.type(['apply', '--yes', '--wait']);
    operator.note('What would be driven is looked at; then it is.');
    await operator.type(['redrive', 'run', '--cause', cause.causeId]);
    const [early, from] = [await high(stage, titles), await simulator.lastSeq()];
    await operator.type(['redrive', 'run', '--cause', cause.causeId, '--yes', '--wait']);
    await untilInStep(stage.api(), { timeoutMs: SEEN_WITHIN_MS });
    await operator.type(['status', '--check']);
    const [late, { updates }] = [await high(stage, titles), await simulator.counts('jira', from)];
    return {
      ok: early === 0 && late === titles.length && updates === titles.length,
      detail: `${cause.count} values had one cause: ${cause.words}; after the preview Jira showed ${early} of them, after the redrive ${late}, in ${updates} writes: each once, and all is in step`,
    };
  },
};

/** Told after the scenes of routing. */
export const REDRIVE_STORY: readonly Step[] = [parkedByAMistake];

const titleOf = ({ fields }: ApiItem): string => String(fields.title ?? '');

/** How many of these Jira shows with the priority. */
async function high({ jira }: Stage, titles: readonly string[]): Promise<number> {
  let count = 0;
  for (const title of titles) if ((await theOne(jira, title)).fields.priority === HIGH) count += 1;
  return count;
}
