/** A bulk change as people write it, held against a real CRM connector over HTTP. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { createHubSpotCrm } from '@lockstep/connectors/hubspot/crm/connector.ts';
import type { Crm } from '@lockstep/domain/crm/crm.port.ts';
import type { RequestedStep } from '@lockstep/domain/crm/requested.ts';
import { resolveRequest } from '@lockstep/engine/crm/requested.ts';
import { createHubSpot } from '@lockstep/simulator/hubspot/server.ts';
import { serveVendor } from '@lockstep/simulator/kernel/testing.ts';

const INES = 'ines@northwind.example';
const TOMAS = 'tomas@harbour.example';

async function portal() {
  const served = await serveVendor('hubspot', createHubSpot);
  onTestFinished(() => served.close());
  const crm = createHubSpotCrm({
    clock: () => new Date(),
    requestTimeoutMs: 5_000,
    credentials: { baseUrl: served.url, accessToken: 'pat-na1-lockstep' },
  });
  return { served, crms: new Map<string, Crm>([['hubspot', crm]]) };
}

function step(change: Partial<RequestedStep>): RequestedStep {
  return {
    ...{ place: 'line 1', operation: 'set-fields', connectionId: 'hubspot', object: 'contacts', record: { field: 'email', value: INES } },
    ...{ fields: {}, owner: null, associations: [] },
    ...change,
  };
}

describe('a request', () => {
  test('C1 becomes operations on records: by unique field, by id, by an earlier step; owners by e-mail', async () => {
    const { crms } = await portal();
    const ids = await crms.get('hubspot')?.findByKey('contacts', 'email', [INES, TOMAS]);
    const resolved = await resolveRequest(crms, [
      step({ operation: 'assign-owner', owner: 'omar@growth.example' }),
      step({
        operation: 'create-task',
        object: 'tasks',
        record: null,
        fields: { hs_task_subject: 'Call' },
        associations: [to('contacts', TOMAS)],
      }),
      step({ object: 'tasks', record: { step: 1 }, fields: { hs_task_status: 'COMPLETED' } }),
      step({ operation: 'archive', object: 'deals', record: { id: '77' } }),
    ]);
    const contact = (email: string) => ({ connectionId: 'hubspot', object: 'contacts', recordId: ids?.get(email) });
    expect(resolved).toEqual({
      operations: [
        { kind: 'assign-owner', target: contact(INES), fields: { hubspot_owner_id: '77405867' } },
        {
          ...{ kind: 'create-task', connectionId: 'hubspot', object: 'tasks', fields: { hs_task_subject: 'Call' } },
          associations: [{ to: contact(TOMAS), label: null }],
        },
        {
          ...{ kind: 'set-fields', target: { connectionId: 'hubspot', object: 'tasks', createdBy: 1 } },
          fields: { hs_task_status: 'COMPLETED' },
        },
        { kind: 'archive', target: { connectionId: 'hubspot', object: 'deals', recordId: '77' } },
      ],
    });
  });

  test('with anything wrong in it is refused as a whole, every step by its place', async () => {
    const { crms } = await portal();
    const resolved = await resolveRequest(crms, [
      step({ place: 'a', record: { field: 'email', value: 'nobody@nowhere.example' }, fields: { jobtitle: 'x' } }),
      step({ place: 'b', fields: { no_such_field: 'x' } }),
      step({ place: 'c', fields: { createdate: '2026-01-01' } }),
      step({ place: 'd', object: 'tasks', record: { id: '1' }, fields: { hs_task_status: 'SOMEDAY' } }),
      step({ place: 'e', operation: 'assign-owner', owner: 'stranger@growth.example' }),
      step({ place: 'f', connectionId: 'jira' }),
      step({ place: 'g', object: 'starships' }),
      step({ place: 'h', fields: {} }),
      step({ place: 'i', record: { step: 9 }, fields: { jobtitle: 'x' } }),
      step({ place: 'j', operation: 'associate' }),
    ]);
    expect(resolved.operations).toBeNull();
    const problems = 'problems' in resolved ? resolved.problems : [];
    expect(problems.map(({ place, message }) => `${place} ${message.split(':')[0]}`)).toEqual([
      'a record',
      'b no_such_field',
      'c createdate',
      'd hs_task_status',
      'e owner',
      'f connection',
      'g object',
      'h fields',
      'i record',
      'j to',
    ]);
    expect(JSON.stringify(problems)).not.toContain('nobody@nowhere.example');
  });

  test('of a thousand steps costs calls by the batch, never by the step', async () => {
    const { served, crms } = await portal();
    const steps = Array.from({ length: 1_000 }, (_, index) =>
      step({ place: `line ${index}`, record: { field: 'email', value: `p${index}@x.example` }, fields: { jobtitle: 'x' } }),
    );
    await resolveRequest(crms, steps);
    expect(served.log.list({}, 1_000).length).toBeLessThanOrEqual(10 + 5);
  });
});

const to = (object: string, email: string) => ({ object, record: { field: 'email', value: email }, label: null });
