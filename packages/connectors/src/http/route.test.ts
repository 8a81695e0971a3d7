import { expect, test } from 'vitest';
import { routeOf } from './route.ts';

test.for([
  ['https://growth.atlassian.net/rest/api/3/issue/GROW-31/transitions', '/rest/api/3/issue/{}/transitions'],
  ['https://api.notion.com/v1/data_sources/0f3a-9b/query', '/v1/data_sources/{}/query'],
  ['https://api.hubapi.com/crm/objects/2026-09/contacts/ada@example.com?idProperty=email', '/crm/objects/2026-09/contacts/{}'],
  ['https://x.my.salesforce.com/services/data/v67.0/sobjects/Contact/Email/ada', '/services/data/v67.0/sobjects/Contact/{}/{}'],
  ['https://x.my.salesforce.com/services/data/v67.0/query/?q=SELECT+Name', '/services/data/v67.0/query/'],
  ['https://hooks.slack.com/actions/T024/1234/secret', '/{}/{}/{}/{}'],
] as const)('78 the route of %s is %s: no id, no person, no query', ([url, route]) => {
  expect(routeOf(url)).toBe(route);
});
