/** What the routes work with, and the paths under which HubSpot publishes them: the last numbered version and the dated ones. */
import type { Associations } from './associations.ts';
import type { Portal } from './portal.ts';
import type { Rendering } from './rendering.ts';

export interface Parts {
  readonly portal: Portal;
  readonly associations: Associations;
  readonly rendering: Rendering;
  readonly baseUrl: () => string;
}

export const OBJECT_PATHS = ['/crm/v3/objects', '/crm/objects/2026-03', '/crm/objects/2026-09'] as const;
export const PROPERTY_PATHS = ['/crm/v3/properties', '/crm/properties/2026-03', '/crm/properties/2026-09'] as const;
export const OWNER_PATHS = ['/crm/v3/owners', '/crm/owners/2026-03', '/crm/owners/2026-09'] as const;
export const ASSOCIATION_PATHS = ['/crm/v4/associations', '/crm/associations/2026-03', '/crm/associations/2026-09'] as const;
/** Associations of one record; numbered v4 where objects are v3. */
export const RECORD_ASSOCIATION_PATHS = ['/crm/v4/objects', '/crm/objects/2026-03', '/crm/objects/2026-09'] as const;
export const JOURNAL_PATHS = ['/webhooks-journal/journal-local/2026-03', '/webhooks-journal/journal-local/2026-09'] as const;
