/**
 * The template of a request's path, for traces: words that stand in the vendors' own documents stay, whatever else a path may hold (ids, keys, names, addresses of
 * people) becomes `{}`. A list, so that nothing is shown because nobody has thought of it; a word that is missing here costs a word in a trace.
 */
const WORDS = new Set(
  [
    // Jira
    'rest api issue issues bulk bulkfetch changelog search jql transitions comment comments issueLink issueLinkType field priority status statuses createmeta',
    'issuetypes myself mypermissions serverInfo webhook refresh properties',
    // Notion
    'pages databases data_sources query blocks children users me',
    // HubSpot
    'crm objects tasks contacts companies deals notes calls emails meetings batch read write upsert update create archive associations labels schemas owners',
    'account-info details oauth private-apps get access-token-info token pipelines lists memberships',
    // Salesforce
    'services data sobjects composite limits describe queryAll updated deleted oauth2 tooling soap ui-api Account Contact Lead Opportunity Task User',
    // Slack
    'auth.test users.lookupByEmail conversations.open conversations.history chat.postMessage chat.update',
  ].flatMap((line) => line.split(' ')),
);
/** `v1`, `v67.0`, `3`, `2026-09`: of an API; a record's number is longer. */
const VERSION = /^(v\d{1,3}(\.\d)?|\d|20\d\d-\d\d)$/;

/** Of an absolute address, without its query. */
export function routeOf(url: string): string {
  return new URL(url).pathname
    .split('/')
    .map((part) => (part === '' || WORDS.has(part) || VERSION.test(part) ? part : '{}'))
    .join('/');
}
