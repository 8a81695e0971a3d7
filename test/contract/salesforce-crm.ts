/** What our Salesforce connector sends beside the backlog: all that change sets ask of a CRM. */
import { createSalesforceCrm } from '@lockstep/connectors/salesforce/crm/connector.ts';
import { createSalesforceRouting } from '@lockstep/connectors/salesforce/crm/routing.ts';
import { runCrmProgram, runRoutingProgram } from './crm-program.ts';
import type { Stage } from './stage.ts';

export async function salesforceAside(stage: Stage): Promise<void> {
  const auth = { flow: 'client-credentials', clientId: 'lockstep-client', clientSecret: 'lockstep-secret' } as const;
  const options = { requestTimeoutMs: 10_000, clock: () => new Date(), credentials: { baseUrl: stage.recorder.url, auth } };
  const crm = createSalesforceCrm(options);
  const stages = { MQL: ['Open - Not Contacted'], SQL: ['Working - Contacted'], opportunity: [] };
  await runRoutingProgram(createSalesforceRouting('crm', options, stages), '0015g0000000001AAA');
  await runCrmProgram(crm, {
    contact: 'Contact',
    company: 'Account',
    task: { object: 'Task', fields: { Subject: 'Call back', ActivityDate: '2026-12-01' } },
    fields: { Title: 'CEO', Department: 'Northwind' },
    required: { contact: { LastName: 'Conformance' }, company: { Name: 'Conformance Ltd' } },
    key: { field: 'Email', value: 'ines@northwind.example' },
    ownerEmail: 'maria@growth.example',
    labels: [null],
  });
}
