/** Two scenes of routing: a lead that is taken on the third try, and one that nobody can take. */
import type { ApiLead } from '@lockstep/api/routing-schemas.ts';
import type { SeenMessage } from '../people/slack.ts';
import { eventually } from '../waiting.ts';
import { SEEN_WITHIN_MS } from './stage.ts';
import type { Stage, Step } from './stage.ts';

const OMAR = 'U0OMAR001';
const TOM = 'U0TOM0001';
const MARIA = 'U0MARIA01';

const takenOnTheThird: Step = {
  step: 'an account crosses the threshold; one AE is away, one declines, one accepts with time left',
  async play(stage) {
    await stage.slack.setInteractivity(`${stage.workerUrl()}/slack/interactivity`);
    const domain = `nordwerk-${Date.now()}.de`;
    await signUp(stage, domain, { name: 'Nordwerk', employees: 2_000, country: 'DE' });
    stage.say(
      'Nordwerk, 2,000 people, connects an integration and reaches the limit of its plan. Lena would be next, and is away this afternoon.',
    );
    const first = await written(stage, OMAR, 'Nordwerk');
    await stage.slack.press(OMAR, first, 'decline');
    const second = await written(stage, TOM, 'Nordwerk');
    await stage.slack.press(TOM, second, 'accept');
    const lead = await leadOf(stage, domain, 'accepted');
    const { leads } = await shownInTheCrm(stage, domain);
    const candidates = leads[0]?.decisions[0]?.candidates ?? [];
    const lena = candidates.find(({ memberId }) => memberId === 'lena')?.reason ?? 'asked';
    const clock = leads[0]?.clocks[0];
    return {
      ok: lead.ownerId === 'tom' && lena === 'ABSENT' && clock?.outcome === 'met',
      detail: `Lena: ${lena}; Omar declined in Slack; ${lead.ownerId ?? 'nobody'} accepted with ${Math.round((clock?.remainingMs ?? 0) / 60_000)} minutes of the clock left (${clock?.outcome ?? 'it runs on'}); score ${lead.score}`,
    };
  },
};

const nobodyCan: Step = {
  step: 'a lead that nobody can take goes to a named person at once',
  async play(stage) {
    const domain = `solo-${Date.now()}.de`;
    await signUp(stage, domain, { name: 'Solo', employees: 3, country: 'DE' });
    stage.say('Solo, three people, does the same. The AEs take larger companies only.');
    const told = await written(stage, MARIA, 'Solo');
    const lead = await leadOf(stage, domain, 'escalated');
    await shownInTheCrm(stage, domain);
    return {
      ok: lead.escalatedTo === 'maria',
      detail: `escalated to ${lead.escalatedTo ?? 'nobody'}, who reads in Slack: "${told.text}"`,
    };
  },
};

/** Told after the scenes of change sets. */
export const ROUTING_STORY: readonly Step[] = [takenOnTheThird, nobodyCan];

/** What the product tells of an account: who they are, and what they did. */
async function signUp(stage: Stage, domain: string, traits: Readonly<Record<string, unknown>>): Promise<void> {
  const who = { userId: `ann@${domain}`, timestamp: new Date().toISOString() };
  const call = (index: number, more: Readonly<Record<string, unknown>>) => ({ ...who, messageId: `${domain}-${index}`, ...more });
  await stage
    .api()
    .sendEvents([
      call(1, { type: 'identify', traits: { email: `ann@${domain}`, ...traits } }),
      call(2, { type: 'track', event: 'Integration Connected' }),
      call(3, { type: 'track', event: 'Plan Limit Reached' }),
      call(4, { type: 'track', event: 'Demo Requested' }),
    ]);
}

/** The newest message to somebody that names the account and can be answered. */
function written(stage: Stage, userId: string, name: string): Promise<SeenMessage> {
  return eventually(`${name} to be written to ${userId} in Slack`, SEEN_WITHIN_MS, async () => {
    const messages = await stage.slack.messages(userId);
    return messages.findLast(({ text, actions }) => text.includes(name) && actions.length > 0) ?? null;
  });
}

function leadOf(stage: Stage, domain: string, state: ApiLead['state']): Promise<ApiLead> {
  return eventually(`the lead of ${domain} to be ${state}`, SEEN_WITHIN_MS, async () => {
    const { accountId } = await stage.api().explainAccount(`domain:${domain}`);
    const leads = await stage.api().leads({ state, limit: 100 });
    return leads.find((lead) => lead.accountId === accountId) ?? null;
  });
}

/** The account as Lockstep explains it, once HubSpot shows all that it is to show. */
function shownInTheCrm(stage: Stage, domain: string) {
  return eventually(`HubSpot to show who has the lead of ${domain}`, SEEN_WITHIN_MS, async () => {
    const explained = await stage.api().explainAccount(`domain:${domain}`);
    return explained.leads.every(({ writes }) => writes.length === 0) ? explained : null;
  });
}
