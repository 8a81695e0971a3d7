/** A backlog of any size, as a growth team would have it: phases with their deliverables, and tasks of which every third waits for an earlier one. */
import type { ImportRequest } from '@lockstep/api/schemas.ts';

export type ImportedItem = ImportRequest['items'][number];

/** One item of the backlog, with references by title. */
export interface GeneratedItem {
  readonly kind: 'phase' | 'deliverable' | 'task';
  readonly fields: Readonly<Record<string, string>>;
  /** Title of the phase that it belongs to. */
  readonly parent: string | null;
  /** Title of the task that must be done before it. */
  readonly dependsOn: string | null;
}

/** Items of a phase, itself included. */
const PHASE_ITEMS = 250;
const DELIVERABLES = 5;
/** Every so many-th task depends on the one that stands this far above it. */
const DEPENDENT_EVERY = 3;
const REACH = 17;
const OWNERS = ['Growth', 'Sales', 'RevOps', 'Product', 'Customer Success', 'Growth + Sales', 'RevOps + Product'] as const;
const PRIORITIES = ['highest', 'high', 'medium', 'low', 'lowest'] as const;

/** The same items for the same number, always; a level of the tree after the other. */
export function generateItems(items: number): readonly GeneratedItem[] {
  const phases = Math.max(1, Math.round(items / PHASE_ITEMS));
  const deliverables = phases * DELIVERABLES;
  const tasks = items - phases - deliverables;
  return [
    ...Array.from({ length: phases }, (_, index) => phase(index + 1)),
    ...Array.from({ length: deliverables }, (_, index) => deliverable(1 + Math.floor(index / DELIVERABLES), 1 + (index % DELIVERABLES))),
    ...Array.from({ length: tasks }, (_, index) => task(index, 1 + Math.floor((index * phases) / tasks))),
  ];
}

const phaseTitle = (number: number): string => `Phase ${number}: Stage ${number} (Weeks ${number * 2 - 1}–${number * 2})`;
const taskTitle = (index: number): string => `Task ${index + 1}: prepare, try and settle matter ${index + 1}`;
const ownerOf = (index: number): string => OWNERS[index % OWNERS.length] ?? '';

function phase(number: number): GeneratedItem {
  const title = phaseTitle(number);
  return {
    kind: 'phase',
    fields: { title, description: `Reach what stage ${number} is for, and learn what it costs.` },
    parent: null,
    dependsOn: null,
  };
}

function deliverable(number: number, place: number): GeneratedItem {
  const title = `Deliverable ${number}.${place}`;
  return {
    kind: 'deliverable',
    fields: {
      title,
      owner: ownerOf(number + place),
      entryCriteria: `Stage ${number} has begun`,
      exitCriteria: `${title} is in use`,
      metric: `Used in ${9 + place} of 20 deals`,
    },
    parent: phaseTitle(number),
    dependsOn: null,
  };
}

function task(index: number, phaseNumber: number): GeneratedItem {
  const isDependent = index >= REACH && index % DEPENDENT_EVERY === 0;
  return {
    kind: 'task',
    fields: {
      title: taskTitle(index),
      owner: ownerOf(index),
      priority: PRIORITIES[index % PRIORITIES.length] ?? 'medium',
      dueDate: new Date(Date.UTC(2027, 0, 1 + (index % 365))).toISOString().slice(0, 10),
      dependencies: isDependent ? `What task ${index + 1 - REACH} has settled` : 'None',
      definitionOfDone: `Matter ${index + 1} is written down, two people have read it, and nobody asks what it means`,
      metric: `${1 + (index % 9)} of 10 who try it need no help`,
    },
    parent: phaseTitle(phaseNumber),
    dependsOn: isDependent ? taskTitle(index - REACH) : null,
  };
}
