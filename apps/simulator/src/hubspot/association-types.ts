/** HubSpot's own association types between the objects of this portal, and a portal's own labels. The ids are third-hand: see DIFFERENCES.md. */
import type { AssociationType, ObjectType } from './model.ts';

const pair = (from: ObjectType, to: ObjectType, typeId: number, inverseId: number, label: string | null = null): AssociationType[] => [
  { from, to, category: 'HUBSPOT_DEFINED', typeId, label, inverseId },
  { from: to, to: from, category: 'HUBSPOT_DEFINED', typeId: inverseId, label, inverseId: typeId },
];

/** The first of a pair of objects is its default, unlabelled one. */
export const ASSOCIATION_TYPES: readonly AssociationType[] = [
  ...pair('tasks', 'contacts', 204, 203),
  ...pair('tasks', 'companies', 192, 191),
  ...pair('tasks', 'deals', 216, 215),
  ...pair('contacts', 'companies', 279, 280),
  ...pair('contacts', 'companies', 1, 2, 'Primary'),
  ...pair('deals', 'contacts', 3, 4),
  ...pair('deals', 'companies', 341, 342),
  ...pair('deals', 'companies', 5, 6, 'Primary'),
  ...pair('leads', 'contacts', 608, 609),
  ...pair('leads', 'contacts', 578, 579, 'Primary'),
  ...pair('leads', 'companies', 610, 611),
  ...pair('leads', 'tasks', 646, 647),
  ...pair('leads', 'notes', 854, 855),
  ...pair('leads', 'calls', 596, 597),
  ...pair('leads', 'emails', 598, 599),
  ...pair('leads', 'meetings', 600, 601),
  ...pair('notes', 'contacts', 202, 201),
  ...pair('notes', 'companies', 190, 189),
  ...pair('notes', 'deals', 214, 213),
  ...pair('calls', 'contacts', 194, 193),
  ...pair('calls', 'companies', 182, 181),
  ...pair('calls', 'deals', 206, 205),
  ...pair('emails', 'contacts', 198, 197),
  ...pair('emails', 'companies', 186, 185),
  ...pair('emails', 'deals', 210, 209),
  ...pair('meetings', 'contacts', 200, 199),
  ...pair('meetings', 'companies', 188, 187),
  ...pair('meetings', 'deals', 212, 211),
];
