/** Whoever administers the tools: subscribes Lockstep's ingress to their webhooks, as the runbooks say, and hands over the secrets that they are signed with. */
import { randomBytes } from 'node:crypto';
import type { DataDirectory } from '../data.ts';
import type { Hooked } from '../simulator.ts';
import { ask } from './person.ts';

/** The app's client secret, which HubSpot shows in the app's settings. */
const HUBSPOT_CLIENT_SECRET = 'hubspot-client-secret';

const SUBSCRIBE: Readonly<Record<Hooked, (tool: string, hook: string) => Promise<string>>> = {
  async jira(tool, hook) {
    const secret = randomBytes(24).toString('base64url');
    const authorization = `Basic ${Buffer.from('maria@growth.example:jira-token-maria').toString('base64')}`;
    const events = ['jira:issue_created', 'jira:issue_updated', 'jira:issue_deleted', 'issuelink_created', 'issuelink_deleted'];
    const body = { name: 'Lockstep', url: hook, events, secret, filters: { 'issue-related-events-section': 'project = GROW' } };
    await ask(`${tool}/rest/webhooks/1.0/webhook`, { method: 'POST', headers: { authorization }, body });
    return secret;
  },
  async notion(tool, hook) {
    const answer = await ask<{ verification_token: string }>(`${tool}/ui/webhooks`, { method: 'POST', headers: {}, body: { url: hook } });
    return answer.verification_token;
  },
  async hubspot(tool, hook) {
    await ask(`${tool}/ui/webhooks`, { method: 'POST', headers: {}, body: { url: hook } });
    return HUBSPOT_CLIENT_SECRET;
  },
};

/** Subscribes each tool once per address of the ingress. Returns the reference to each secret, as a configuration takes it. */
export async function subscribeWebhooks(
  data: DataDirectory,
  urls: Readonly<Record<Hooked, string>>,
  ingressPort: number,
): Promise<Readonly<Record<Hooked, string>>> {
  const subscribed = async (tool: Hooked): Promise<string> => {
    const name = `${tool}-webhook-${ingressPort}`;
    const known = data.knownSecret(name);
    if (known !== null) return known;
    const secret = await SUBSCRIBE[tool](urls[tool], `http://127.0.0.1:${ingressPort}/webhooks/${tool}`);
    return data.secret(name, () => secret);
  };
  return { jira: await subscribed('jira'), notion: await subscribed('notion'), hubspot: await subscribed('hubspot') };
}
