/** What our HubSpot connector sends beside the backlog: the refreshing of tokens, and all that change sets ask of a CRM. */
import { createHubSpotCrm } from '@lockstep/connectors/hubspot/crm/connector.ts';
import { createHubSpotRouting } from '@lockstep/connectors/hubspot/crm/routing.ts';
import { hubspotRefresh } from '@lockstep/connectors/hubspot/oauth.ts';
import { runCrmProgram, runRoutingProgram } from './crm-program.ts';
import type { Stage } from './stage.ts';

const shared = { requestTimeoutMs: 10_000, clock: () => new Date() };

/** The app of the scenario asks for a new access token, and works with it as with its static one. */
export async function hubspotAside({ recorder }: Stage): Promise<void> {
  const app = { baseUrl: recorder.url, clientId: 'lockstep-app', clientSecret: 'lockstep-app-secret' };
  const { accessToken } = await hubspotRefresh({ app, ...shared })('refresh-lockstep-0');
  const current = () => Promise.resolve(accessToken);
  const oauth = createHubSpotCrm({ ...shared, credentials: { baseUrl: recorder.url, accessToken: { current, renewed: current } } });
  await oauth.history({ object: 'contacts', recordIds: ['1'], fields: ['jobtitle'], sinceIso: '2000-01-01T00:00:00.000Z' });
  const credentials = { baseUrl: recorder.url, accessToken: 'pat-na1-lockstep' };
  await runRoutingProgram(createHubSpotRouting('crm', { ...shared, credentials }), '30100000001');
  await runCrmProgram(createHubSpotCrm({ ...shared, credentials }), {
    contact: 'contacts',
    company: 'companies',
    task: { object: 'tasks', fields: { hs_task_subject: 'Call back', hs_timestamp: '2026-12-01T09:00:00.000Z' } },
    fields: { jobtitle: 'CEO', company: 'Northwind', hubspot_owner_id: '77405866' },
    required: { contact: {}, company: { name: 'Conformance Ltd' } },
    key: { field: 'email', value: 'ines@northwind.example' },
    ownerEmail: 'maria@growth.example',
    labels: ['Primary', null],
  });
}
