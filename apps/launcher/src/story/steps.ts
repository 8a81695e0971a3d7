/**
 * The story of the plan: seven things that happen to every plan. Each step does something as a person would, waits until the others show it, and tells what was
 * seen where. A step that does not find what it expects has failed; the story goes on.
 */
import type { ApiItem } from '@lockstep/api/schemas.ts';
import { changedLines, readLines, replaceLine, rowsWith, untilNoRow, untilOneRow } from './document.ts';
import { SEEN_WITHIN_MS, theOne, untilGone, untilShown } from './stage.ts';
import type { Stage, Step, StepOutcome } from './stage.ts';
import { eventually, untilInStep } from '../waiting.ts';

const titleOf = (item: ApiItem): string => String(item.fields.title ?? '');
const wordsOf = (item: ApiItem, field: 'owner' | 'metric'): string => String(item.fields[field] ?? '');

const editInJira: Step = {
  step: 'an edit in Jira',
  async play(stage) {
    const task = taken(stage);
    const title = titleOf(task);
    const owner = `${wordsOf(task, 'owner')} + Maria`;
    const before = readLines(stage.planFile);
    const issue = await theOne(stage.jira, title);
    stage.say(`Maria changes the owner of ${issue.name} "${title}" to "${owner}" in Jira.`);
    await stage.jira.edit(issue.id, { owner });
    await untilOneRow(stage.planFile, title, owner);
    await untilShown(stage.notion, title, { owner });
    await untilShown(stage.hubspot, title, { owner });
    const changed = changedLines(before, readLines(stage.planFile));
    return {
      ok: changed?.length === 1,
      detail: `the new owner stands in Notion, in HubSpot and in the plan; lines of the file that changed: ${changed?.join(', ') ?? 'some came or went'}`,
    };
  },
};

const editInNotion: Step = {
  step: 'an edit in Notion',
  async play(stage) {
    const task = taken(stage);
    const title = titleOf(task);
    const metric = `${wordsOf(task, 'metric')} (reviewed weekly)`;
    const page = await theOne(stage.notion, title);
    stage.say(`Omar changes the metric of "${title}" in Notion.`);
    await stage.notion.edit(page.id, { metric });
    await untilOneRow(stage.planFile, title, metric);
    await untilShown(stage.jira, title, { metric });
    await untilShown(stage.hubspot, title, { metric });
    return { ok: true, detail: `"${metric}" stands in Jira, in HubSpot and in the task's row of the plan` };
  },
};

const twoAtOnce: Step = {
  step: 'two edits of one field at once',
  async play(stage) {
    const task = taken(stage);
    const title = titleOf(task);
    const [inJira, inNotion] = [`Jira's choice`, `Notion's choice`];
    const issue = await theOne(stage.jira, title);
    const page = await theOne(stage.notion, title);
    stage.say(`Lockstep is paused for Jira and Notion; Maria and Omar give "${title}" different owners; then it goes on.`);
    for (const connection of ['jira', 'notion']) await stage.api().pause(connection);
    await stage.jira.edit(issue.id, { owner: inJira });
    await stage.notion.edit(page.id, { owner: inNotion });
    for (const connection of ['notion', 'jira']) await stage.api().resume(connection);
    await untilShown(stage.jira, title, { owner: inJira });
    await untilShown(stage.notion, title, { owner: inJira });
    await untilShown(stage.hubspot, title, { owner: inJira });
    await untilOneRow(stage.planFile, title, inJira);
    const kept = await eventually('the other value to be on record', SEEN_WITHIN_MS, async () => {
      const conflicts = await stage.api().conflicts({ itemId: task.itemId });
      return (
        conflicts.find((conflict) => conflict.field === 'owner' && [conflict.remoteValue, conflict.canonicalValue].includes(inNotion)) ??
        null
      );
    });
    return {
      ok: true,
      detail: `"${inJira}" stands everywhere, because Jira comes before Notion in the order of connections; "${inNotion}" is kept as conflict ${kept.conflictId}`,
    };
  },
};

const deleteInNotion: Step = {
  step: 'a delete in Notion',
  async play(stage) {
    const task = taken(stage);
    const title = titleOf(task);
    const page = await theOne(stage.notion, title);
    const issue = await theOne(stage.jira, title);
    stage.say(`Omar moves "${title}" to the trash in Notion.`);
    await stage.notion.remove(page.id);
    await untilNoRow(stage.planFile, title);
    await untilGone(stage.jira, title);
    await untilGone(stage.hubspot, title);
    return { ok: true, detail: `its row has left the plan, ${issue.name} is cancelled, the HubSpot task is archived` };
  },
};

const newTaskInHubSpot: Step = {
  step: 'a new task in HubSpot',
  async play(stage) {
    const title = 'Call ten trial accounts that went quiet';
    const task = taken(stage);
    const { fields } = await theOne(stage.hubspot, titleOf(task));
    const phase = fields.parent ?? '';
    const before = readLines(stage.planFile);
    stage.say(`Maria makes a task "${title}" in HubSpot and gives it the phase "${phase}".`);
    await stage.hubspot.create({ title, owner: 'Maria', metric: 'Five of ten are back', parent: phase });
    const row = await untilOneRow(stage.planFile, title);
    const issue = await theOne(stage.jira, title);
    await theOne(stage.notion, title);
    const after = readLines(stage.planFile);
    return {
      ok: after.length === before.length + 1,
      detail: `it is ${issue.name} under "${issue.fields.parent ?? ''}" in Jira, a page in Notion, and row ${after.indexOf(row) + 1} of the plan, the last of its phase`,
    };
  },
};

const editByHandOfThePlan: Step = {
  step: 'an edit of the document by hand',
  async play(stage) {
    const task = taken(stage);
    const title = titleOf(task);
    const newTitle = `${title} (by hand)`;
    const [line] = rowsWith(stage.planFile, title);
    if (line === undefined) return { ok: false, detail: `expected a row "${title}" in ${stage.planFile}, found none` };
    stage.say(`Somebody renames "${title}" to "${newTitle}" in an editor.`);
    replaceLine(stage.planFile, line, [line.replace(title, () => newTitle)]);
    const issue = await theOne(stage.jira, newTitle);
    await theOne(stage.notion, newTitle);
    await theOne(stage.hubspot, newTitle);
    const isRenamed = [stage.jira, stage.notion, stage.hubspot].map(async (person) => (await person.find(title)).length === 0);
    return {
      ok: (await Promise.all(isRenamed)).every(Boolean),
      detail: `${issue.name}, the Notion page and the HubSpot task have the new title, the same records as before`,
    };
  },
};

const killInMidPush: Step = {
  step: 'the worker killed in mid-push',
  async play(stage) {
    const neighbour = taken(stage);
    const [line] = rowsWith(stage.planFile, titleOf(neighbour));
    if (line === undefined) return { ok: false, detail: `expected a row "${titleOf(neighbour)}" in the plan, found none` };
    const title = 'Write down what the crash taught us';
    // Jira does the work; its answer is held back, so that the worker dies knowing nothing of it.
    await stage.simulator.addFault({ tool: 'jira', match: { method: 'POST', path: '/issue/bulk$' }, action: { kind: 'hold' } });
    replaceLine(stage.planFile, line, [line, line.replace(titleOf(neighbour), () => title)]);
    stage.say(`Somebody adds a row "${title}"; Jira makes the issue, and before its answer arrives the worker is killed with -9.`);
    await eventually('Jira to hold an answer back', SEEN_WITHIN_MS, async () => ((await stage.simulator.holding()) > 0 ? true : null));
    await stage.killWorker();
    await stage.simulator.clearFaults();
    await stage.restartWorker();
    await untilInStep(stage.api(), { timeoutMs: SEEN_WITHIN_MS, readAfter: new Date().toISOString() });
    const issue = await theOne(stage.jira, title);
    await theOne(stage.notion, title);
    await theOne(stage.hubspot, title);
    await untilOneRow(stage.planFile, title);
    return {
      ok: true,
      detail: `the new worker found ${issue.name} by its mark and did not make it again: one issue, one page, one HubSpot task, one row`,
    };
  },
};

export const STORY: readonly Step[] = [
  editInJira,
  editInNotion,
  twoAtOnce,
  deleteInNotion,
  newTaskInHubSpot,
  editByHandOfThePlan,
  killInMidPush,
];

function taken(stage: Stage): ApiItem {
  const task = stage.takeTask();
  if (task === null) throw new NothingToTell();
  return task;
}

/** The plan has no task left for a step. */
export class NothingToTell extends Error {
  override readonly name = 'NothingToTell';
}

export type StepReport = StepOutcome & { readonly step: string };
