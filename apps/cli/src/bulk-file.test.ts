import { describe, expect, it } from 'vitest';
import { readBulk } from './bulk-file.ts';
import { CommandFailure } from './failure.ts';

const NOTHING = { associations: [], fields: {}, owner: null, record: null };

function failure(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof CommandFailure) return error.message;
    throw error;
  }
  throw new Error('expected a failure');
}

describe('a bulk change in YAML', () => {
  it('says what to do in words: every operation, records by id, by a unique field and by an earlier step', () => {
    const text = `
reason: Maria leaves
connection: hubspot
steps:
  - assign: contacts
    record: { email: ann@acme.example }
    owner: omar@growth.example
  - set: deals
    record: 9180014
    fields: { dealstage: closedwon, amount: 12.5, hs_priority: null }
  - task: tasks
    name: call
    fields: { hs_task_subject: Call Ann ✓ }
    with:
      - contacts: { email: ann@acme.example }
      - companies: 55
        label: primary
  - set: tasks
    record: { step: call }
    fields: { hs_task_status: COMPLETED }
  - associate: contacts
    record: "151"
    to: { companies: 55 }
    label: billing
  - archive: Contact
    connection: salesforce
    record: 003000000000001AAA
`;
    const { reason, steps } = readBulk(text, 'leavers.yaml', {});
    expect(reason).toBe('Maria leaves');
    expect(steps).toEqual([
      {
        ...NOTHING,
        ...{ place: 'leavers.yaml:5', operation: 'assign-owner', connectionId: 'hubspot', object: 'contacts' },
        ...{ record: { field: 'email', value: 'ann@acme.example' }, owner: 'omar@growth.example' },
      },
      {
        ...NOTHING,
        ...{ place: 'leavers.yaml:8', operation: 'set-fields', connectionId: 'hubspot', object: 'deals', record: { id: '9180014' } },
        fields: { dealstage: 'closedwon', amount: 12.5, hs_priority: null },
      },
      {
        ...NOTHING,
        ...{ place: 'leavers.yaml:11', operation: 'create-task', connectionId: 'hubspot', object: 'tasks' },
        fields: { hs_task_subject: 'Call Ann ✓' },
        associations: [
          { object: 'contacts', record: { field: 'email', value: 'ann@acme.example' }, label: null },
          { object: 'companies', record: { id: '55' }, label: 'primary' },
        ],
      },
      {
        ...NOTHING,
        ...{ place: 'leavers.yaml:18', operation: 'set-fields', connectionId: 'hubspot', object: 'tasks', record: { step: 2 } },
        fields: { hs_task_status: 'COMPLETED' },
      },
      {
        ...NOTHING,
        ...{ place: 'leavers.yaml:21', operation: 'associate', connectionId: 'hubspot', object: 'contacts', record: { id: '151' } },
        associations: [{ object: 'companies', record: { id: '55' }, label: 'billing' }],
      },
      {
        ...NOTHING,
        ...{ place: 'leavers.yaml:25', operation: 'archive', connectionId: 'salesforce', object: 'Contact' },
        record: { id: '003000000000001AAA' },
      },
    ]);
  });

  it.each([
    [
      'reason: x\nconnection: h\nsteps:\n  - asign: contacts\n    record: 1',
      /f\.yaml:4: asign: expected .*\n.*f\.yaml:4: expected one of set, assign/,
    ],
    [
      'reason: x\nconnection: h\nsteps:\n  - set: contacts\n    record: { a: 1, b: 2 }',
      /f\.yaml:4: record: expected an id, or one unique field/,
    ],
    [
      'reason: x\nconnection: h\nsteps:\n  - set: tasks\n    record: { step: none }',
      /f\.yaml:4: record: expected the name of an earlier step, got none/,
    ],
    ['reason: x\nsteps:\n  - set: tasks\n    record: 1', /f\.yaml:3: connection: expected one .*--connection/],
    ['reason: x\nconnection: h\nsteps:\n  - set: tasks\n    record: 1\n    fields: { a: [1] }', /f\.yaml:4: a: expected a text, a number/],
    ['connection: h\nsteps:\n  - set: tasks\n    record: 1', /reason: expected why this is done/],
    ['reason: x\nconnection: h\nsteps: []', /steps: expected at least one, got none/],
    ['reason: "x\n', /f\.yaml:\d: Missing closing "quote/],
    ['- a\n- b', /expected `reason`, `connection` and `steps`/],
  ])('is refused by line: %j', (text, message) => {
    expect(failure(() => readBulk(text, 'f.yaml', {}))).toMatch(message);
  });
});

describe('a bulk change in CSV', () => {
  it('has a row a record; an empty cell leaves a field alone, (empty) clears it', () => {
    const text =
      '\uFEFFrecord.email,owner,jobtitle\n"ann@acme.example",omar@growth.example,\nbo@acme.example,,"Head, Sales"\ncy@acme.example,,(empty)\n';
    const { steps } = readBulk(text, 'owners.csv', { connectionId: 'hubspot', object: 'contacts', reason: 'r' });
    const step = { ...NOTHING, connectionId: 'hubspot', object: 'contacts' };
    const record = (value: string) => ({ field: 'email', value });
    expect(steps).toEqual([
      { ...step, place: 'owners.csv:2', operation: 'assign-owner', record: record('ann@acme.example'), owner: 'omar@growth.example' },
      { ...step, place: 'owners.csv:3', operation: 'set-fields', record: record('bo@acme.example'), fields: { jobtitle: 'Head, Sales' } },
      { ...step, place: 'owners.csv:4', operation: 'set-fields', record: record('cy@acme.example'), fields: { jobtitle: null } },
    ]);
  });

  it.each([
    ['record,owner\n1,a@b.example\n', { connectionId: 'h', reason: 'r' }, /o\.csv:2: object: expected one/],
    ['object,record,owner\ncontacts,1,a@b.example\n', { reason: 'r' }, /o\.csv:2: connection: expected one/],
    ['operation,object,record\nassociate,contacts,1\n', { connectionId: 'h', reason: 'r' }, /o\.csv:2: operation: expected set/],
    ['object,record\ncontacts,1,2\n', { connectionId: 'h', reason: 'r' }, /o\.csv: Invalid Record Length/],
  ])('is refused by line: %j', (text, defaults, message) => {
    expect(failure(() => readBulk(text, 'o.csv', defaults))).toMatch(message);
  });
});
