/** Maria, who works in HubSpot (objects of 2026-03). */
import { ask } from './person.ts';
import type { Person, Seen, Shown } from './person.ts';

interface Task {
  readonly id: string;
  readonly archived?: boolean;
  readonly properties: Readonly<Record<string, string | null>>;
}

const NAMES = { title: 'hs_task_subject', owner: 'lockstep_owner', metric: 'lockstep_metric', parent: 'lockstep_phase' } as const;

/** How tasks begin that say who has a lead. */
const LEAD = 'Lead: ';

export interface PersonInHubSpot extends Person {
  create(fields: Shown): Promise<string>;
}

export function personInHubSpot(baseUrl: string): PersonInHubSpot {
  const headers = { authorization: 'Bearer pat-na1-maria' };
  const tasks = `${baseUrl}/crm/objects/2026-03/tasks`;
  const list = async (archived: boolean): Promise<readonly Task[]> => {
    const found: Task[] = [];
    let after: string | undefined;
    do {
      const query = new URLSearchParams({
        limit: '100',
        archived: String(archived),
        properties: Object.values(NAMES).join(','),
        ...(after === undefined ? {} : { after }),
      });
      const page: { results: Task[]; paging?: { next?: { after: string } } } = await ask(`${tasks}?${query.toString()}`, { headers });
      found.push(...page.results);
      after = page.paging?.next?.after;
    } while (after !== undefined);
    return found;
  };
  const seen = (task: Task): Seen => ({
    id: task.id,
    name: `task ${task.id}`,
    gone: task.archived ?? false,
    fields: Object.fromEntries(Object.entries(NAMES).map(([field, name]) => [field, task.properties[name] ?? ''])),
  });
  const encode = (fields: Shown): Record<string, string> =>
    Object.fromEntries(
      Object.entries(NAMES).flatMap(([field, name]) =>
        fields[field as keyof typeof NAMES] === undefined ? [] : [[name, fields[field as keyof typeof NAMES] ?? '']],
      ),
    );
  return {
    tool: 'hubspot',
    who: 'Maria in HubSpot',
    // Tasks about leads are none of the plan's.
    count: async () => (await list(false)).filter(({ properties }) => properties[NAMES.title]?.startsWith(LEAD) !== true).length,
    find: async (title) => [...(await list(false)), ...(await list(true))].map(seen).filter((task) => task.fields.title === title),
    create: async (fields) =>
      (
        await ask<Task>(tasks, {
          method: 'POST',
          headers,
          body: {
            properties: { ...encode(fields), hs_timestamp: new Date().toISOString(), hs_task_status: 'NOT_STARTED' },
            associations: [],
          },
        })
      ).id,
    edit: async (id, changes) => void (await ask(`${tasks}/${id}`, { method: 'PATCH', headers, body: { properties: encode(changes) } })),
    remove: async (id) => void (await ask(`${tasks}/${id}`, { method: 'DELETE', headers })),
  };
}
