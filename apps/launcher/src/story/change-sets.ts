/** Two scenes of a CRM: a bulk change that the CRM refuses in part, and a rollback beside a person's later edit. */
import type { ChangeSetDetail, RequestedStepInput } from '@lockstep/api/change-set-schemas.ts';
import { eventually } from '../waiting.ts';
import { SEEN_WITHIN_MS } from './stage.ts';
import type { Stage, Step } from './stage.ts';

const CONTACTS = 5;
const MARIA = 'maria@growth.example';
const OMAR = 'omar@growth.example';
/** Omar, in Slack. */
const OMAR_IN_SLACK = 'U0OMAR001';

const refusedInPart: Step = {
  step: 'a bulk change of owners, of which HubSpot refuses the third step',
  async play(stage) {
    const { ids, maria } = await customers(stage, 'refused');
    const steps = ids.map((id, index) => ownerMove(id, index === 2 ? { email: 'not an address' } : {}));
    const planned = await stage.api().planChangeSet({ reason: 'Maria leaves; her accounts go to Omar', steps });
    stage.say(`Somebody plans to give ${CONTACTS} contacts of Maria's to Omar; the third also gets an e-mail that is none. Omar says yes.`);
    const { ended, told } = await approved(stage, planned);
    const owners = await stage.contacts.owners(ids);
    return {
      // With a residue: new owners have been told, and nobody can untell them (class B).
      ok: ended.set.end === 'rolled-back-with-residue' && owners.every((owner) => owner === maria),
      detail: `${ended.set.end ?? 'not ended'} (${ended.set.cause ?? 'no cause'}): ${countsOf(ended)}; contacts that are Maria's, read back from HubSpot: ${owners.filter((owner) => owner === maria).length} of ${CONTACTS}; what stays is that Omar was told of them. He was asked in Slack: "${told}"`,
    };
  },
};

const rollbackBesideAPerson: Step = {
  step: 'a rollback that leaves a later edit of a person alone',
  async play(stage) {
    const { ids, maria, omar } = await customers(stage, 'rolled-back');
    const planned = await stage
      .api()
      .planChangeSet({ reason: 'Maria leaves; her accounts go to Omar', steps: ids.map((id) => ownerMove(id)) });
    const { ended: done } = await approved(stage, planned);
    if (done.set.end !== 'committed') return { ok: false, detail: `expected the owner move to commit, got ${done.set.end ?? 'no end'}` };
    const [kept = ''] = ids;
    stage.say(
      `${CONTACTS} contacts go from Maria to Omar. Maria takes the first one back by hand and gives it to Omar again; then all of it is rolled back.`,
    );
    await stage.contacts.assign(kept, maria);
    await stage.contacts.assign(kept, omar);
    const rollback = await stage.api().planRollback({ reason: 'she stays', changeSetIds: [done.set.changeSetId] });
    const ended = await started(stage, rollback);
    const owners = await stage.contacts.owners(ids);
    const [first, ...others] = owners;
    return {
      ok: ended.set.end === 'committed' && first === omar && others.every((owner) => owner === maria),
      detail: `${others.length} contacts are Maria's again; the first stays with Omar, because a person has set it since (${rollback.skipped.map(({ code }) => code).join(', ') || 'nothing was skipped'}), although it shows the value that we wrote`,
    };
  },
};

/** Told after the story of the plan. */
export const CRM_STORY: readonly Step[] = [refusedInPart, rollbackBesideAPerson];

async function customers(stage: Stage, word: string) {
  const [maria, omar] = await Promise.all([stage.contacts.ownerId(MARIA), stage.contacts.ownerId(OMAR)]);
  const emails = Array.from({ length: CONTACTS }, (_, index) => `customer-${index + 1}@${word}.example`);
  return { ids: await stage.contacts.create(emails, maria), maria, omar };
}

function ownerMove(id: string, fields: NonNullable<RequestedStepInput['fields']> = {}): RequestedStepInput {
  return {
    place: `contact ${id}`,
    operation: 'assign-owner',
    connectionId: 'hubspot',
    object: 'contacts',
    record: { id },
    fields,
    owner: OMAR,
  };
}

/** Started by the one who planned it, approved by another, who has read in Slack that he is asked. */
async function approved(stage: Stage, planned: ChangeSetDetail): Promise<{ readonly ended: ChangeSetDetail; readonly told: string }> {
  const { changeSetId } = planned.set;
  await stage.api().applyChangeSet(changeSetId, planned.set.diffHash ?? '');
  const asked = await eventually('the set to ask for its approval', SEEN_WITHIN_MS, async () => {
    const { set } = await stage.api().changeSet(changeSetId);
    return set.state === 'awaiting-approval' ? set : null;
  });
  const { text } = await eventually('Omar to be asked in Slack', SEEN_WITHIN_MS, async () => {
    const messages = await stage.slack.messages(OMAR_IN_SLACK);
    return messages.find((message) => message.text.includes(changeSetId)) ?? null;
  });
  await stage.approver().approveChangeSet(changeSetId, asked.diffHash ?? '');
  return { ended: await end(stage, changeSetId), told: text };
}

async function started(stage: Stage, planned: ChangeSetDetail): Promise<ChangeSetDetail> {
  await stage.api().applyChangeSet(planned.set.changeSetId, planned.set.diffHash ?? '');
  return end(stage, planned.set.changeSetId);
}

function end(stage: Stage, changeSetId: string): Promise<ChangeSetDetail> {
  return eventually('the set to end', SEEN_WITHIN_MS, async () => {
    const detail = await stage.api().changeSet(changeSetId);
    return detail.set.end === null ? null : detail;
  });
}

const countsOf = ({ counts }: ChangeSetDetail): string =>
  Object.entries(counts)
    .map(([state, count]) => `${count} ${state}`)
    .join(', ');
