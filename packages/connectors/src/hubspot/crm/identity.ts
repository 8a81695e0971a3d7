/** Who we are in HubSpot's eyes, so that our own writes are told from people's and other apps' (C4). */
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { CrmClient } from './client.ts';
import { unlessRefused } from './client.ts';
import type { WireRecordVersion } from './wire.ts';

/** How the history and `hs_object_source` name an app. */
const APP_SOURCE = 'INTEGRATION';

export interface Identity {
  /** The id of our app. Throws `Invalid` where neither HubSpot nor the configuration tells it. */
  appId(): Promise<string>;
}

/** `configured` goes first: HubSpot tells the app of a private app's and of an OAuth token, and is not known to tell that of a service key. */
export function identityOf(client: CrmClient, configured: string | null): Identity {
  let known = configured;
  return {
    async appId() {
      known ??= await unlessRefused(client.appId());
      if (known !== null) return known;
      throw new ConnectorError(
        'Invalid',
        'HubSpot: expected to be told which app the access token is of, was not; our writes cannot be told from other apps’ without it: set appId of the connection',
      );
    },
  };
}

export function isVersionOf(appId: string, { sourceType, sourceId }: WireRecordVersion): boolean {
  return sourceType === APP_SOURCE && sourceId === appId;
}

export function isMadeBy(appId: string, properties: Readonly<Record<string, string | null>>): boolean {
  return properties['hs_object_source'] === APP_SOURCE && properties['hs_object_source_id'] === appId;
}

/** A person by number, any other by what HubSpot calls it; null where it does not tell. */
export function authorOf({ sourceType, sourceId, updatedByUserId }: WireRecordVersion): string | null {
  if (sourceType === 'CRM_UI' && updatedByUserId != null) return `user:${updatedByUserId}`;
  const parts = [sourceType, sourceId].filter((part): part is string => part !== null && part !== undefined && part !== '');
  return parts.length === 0 ? null : parts.join(':');
}
