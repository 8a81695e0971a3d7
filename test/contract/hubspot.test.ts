import { expect, test } from 'vitest';
import { GROUPS, hubspotContract, readModels } from './hubspot-contract.ts';
import { hubspotAside } from './hubspot-crm.ts';
import { tourHubSpot } from './hubspot-tour.ts';
import { hubspotWords } from './hubspot-words.ts';
import { hubspotLimits } from './limits.ts';
import { contractLaws } from './suite.ts';

contractLaws(
  {
    name: 'HubSpot',
    tool: 'hubspot',
    tour: tourHubSpot,
    words: hubspotWords,
    limits: hubspotLimits,
    posted: 'POST /crm/v3/objects/{objectType}/search',
    aside: hubspotAside,
    uncovered: [
      { request: 'GET /account-info/2026-09/details', why: 'no contract in ../shared/specs; vendor-apis.md 3' },
      { request: 'POST /oauth/v2/private-apps/get/access-token-info', why: 'no contract in ../shared/specs; vendor documentation' },
    ],
  },
  () => {
    test('HubSpot operations read from the SDK are those whose paths the contract lists', () => {
      const operations = new Set(hubspotContract().operations.map((operation) => operation.name));
      const listed = GROUPS.flatMap((group) => readModels().groups[group]?.paths ?? []);
      expect(listed.length).toBeGreaterThan(50);
      expect(listed.filter((path) => !operations.has(path))).toEqual([]);
    });
  },
);
