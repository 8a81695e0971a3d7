/** People and pools: unknown ids, people who cannot be told or written, pools that nobody is in. */
import { reporter } from './check-request.ts';
import type { CheckRequest } from './check-request.ts';
import type { Path, Problem } from './problem.ts';
import { isActive, personOf, poolOf } from './roster.ts';

export function peopleProblems(request: CheckRequest): readonly Problem[] {
  return [...unknownPeople(request), ...unreachable(request), ...pools(request), ...zones(request)];
}

/** Every place of the two files and of the service levels that names a person. */
function named({
  roster,
  policy,
  slas,
}: CheckRequest): readonly { readonly id: string; readonly file: 'policy' | 'roster'; readonly path: Path }[] {
  return [
    ...roster.people.flatMap(({ manager }, index) => (manager === null ? [] : [place(manager, ['people', index, 'manager'])])),
    ...roster.pools.flatMap(({ members, manager, human }, index) => [
      ...members.map((id, at) => place(id, ['pools', index, 'members', at])),
      place(manager, ['pools', index, 'manager']),
      place(human, ['pools', index, 'human']),
    ]),
    place(roster.territoryGap, ['territoryGap']),
    ...policy.rules.flatMap(({ way }, index) =>
      way.fallback.flatMap((step, at) =>
        step.startsWith('person:')
          ? [{ id: step.slice('person:'.length), file: 'policy' as const, path: ['rules', index, 'way', 'fallback', at] }]
          : [],
      ),
    ),
    ...policy.rules.flatMap(({ way }, index) =>
      (slas.find(({ id }) => id === way.sla)?.people ?? []).map((id) => ({
        id,
        file: 'policy' as const,
        path: ['rules', index, 'way', 'sla'],
      })),
    ),
  ];
}

const place = (id: string, path: Path): { readonly id: string; readonly file: 'roster'; readonly path: Path } => ({
  id,
  file: 'roster',
  path,
});

function unknownPeople(request: CheckRequest): readonly Problem[] {
  const { roster, at } = request;
  const report = reporter(request);
  return named(request).flatMap(({ id, file, path }) => {
    const person = personOf(roster, id);
    if (person === null)
      return [
        report('error', file, path, { expected: 'the id of a person of the roster', got: id, remedy: 'add the person, or name another' }),
      ];
    if (path.includes('members') || isActive(person, at)) return [];
    return [
      report('error', file, path, { expected: 'somebody who is active', got: `${id}, who is not at ${at}`, remedy: 'name another person' }),
    ];
  });
}

/** Whom a lead can reach has to hear of it, and the CRM has to be able to name them. */
function unreachable(request: CheckRequest): readonly Problem[] {
  const { roster, connections, at } = request;
  const report = reporter(request);
  const reached = new Set(named(request).map(({ id }) => id));
  return roster.people.flatMap((person, index) => {
    const { id, name, slackUserId, owners } = person;
    if (!reached.has(id) || (person.active.to !== null && Date.parse(person.active.to) <= Date.parse(at))) return [];
    return [
      ...(slackUserId === null
        ? [
            report('error', 'roster', ['people', index], {
              expected: `a slackUserId for ${name}`,
              got: 'none',
              remedy: 'add it: nobody tells them of a lead else',
            }),
          ]
        : []),
      ...connections
        .filter((connection) => !Object.hasOwn(owners, connection))
        .map((connection) =>
          report('error', 'roster', ['people', index, 'owners'], {
            expected: `the owner id of ${name} in ${connection}`,
            got: 'none',
            remedy: `add owners.${connection}: their leads cannot be written there else`,
          }),
        ),
    ];
  });
}

function pools(request: CheckRequest): readonly Problem[] {
  const { roster, at } = request;
  const report = reporter(request);
  return roster.pools.flatMap(({ id, role, members, overflow }, index) => {
    const people = members.flatMap((member) => personOf(roster, member) ?? []);
    return [
      ...members.flatMap((member, position) =>
        members.indexOf(member) === position
          ? []
          : [
              report('error', 'roster', ['pools', index, 'members', position], {
                expected: 'every member once',
                got: member,
                remedy: 'take it out',
              }),
            ],
      ),
      ...people.flatMap((person, position) =>
        person.role === role
          ? []
          : [
              report('error', 'roster', ['pools', index, 'members', position], {
                expected: `a member with the pool's role, ${role}`,
                got: `${person.id}, who is ${person.role}`,
                remedy: 'move them to another pool, or mend the role',
              }),
            ],
      ),
      ...(people.some((person) => isActive(person, at) && person.capacity > 0)
        ? []
        : [
            report('error', 'roster', ['pools', index], {
              expected: `somebody of pool ${id} who is active and may have an open lead`,
              got: 'nobody',
              remedy: 'add a member: every lead would go to the fallback at once',
            }),
          ]),
      ...(overflow === null || poolOf(roster, overflow) !== null
        ? []
        : [
            report('error', 'roster', ['pools', index, 'overflow'], {
              expected: 'the id of a pool',
              got: overflow,
              remedy: 'add the pool, or name another',
            }),
          ]),
      ...circles(request, id, index),
    ];
  });
}

function circles(request: CheckRequest, id: string, index: number): readonly Problem[] {
  const seen: string[] = [id];
  for (let next = poolOf(request.roster, id)?.overflow ?? null; next !== null; next = poolOf(request.roster, next)?.overflow ?? null) {
    if (next === id)
      return [
        reporter(request)('error', 'roster', ['pools', index, 'overflow'], {
          expected: 'overflow pools that end',
          got: `a circle: ${[...seen, id].join(' → ')}`,
          remedy: 'let one of them overflow into nobody',
        }),
      ];
    if (seen.includes(next)) return [];
    seen.push(next);
  }
  return [];
}

function zones(request: CheckRequest): readonly Problem[] {
  const { roster, isZone = () => true } = request;
  return roster.people.flatMap(({ zone }, index) =>
    isZone(zone)
      ? []
      : [
          reporter(request)('error', 'roster', ['people', index, 'zone'], {
            expected: 'a zone of the time-zone data, such as Europe/Berlin',
            got: zone,
            remedy: 'mend its name',
          }),
        ],
  );
}
