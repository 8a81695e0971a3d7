import { jiraLimits } from './limits.ts';
import { contractLaws } from './suite.ts';
import { keepWebhook, tourJira } from './jira-tour.ts';
import { jiraWords } from './jira-words.ts';

contractLaws(
  {
    name: 'Jira',
    tool: 'jira',
    tour: tourJira,
    words: jiraWords,
    limits: jiraLimits,
    posted: 'POST /rest/api/3/issue/bulkfetch',
    aside: keepWebhook,
    uncovered: [],
    refusing: ['ALL /rest/api/3/search', 'ALL /rest/api/2/search'],
  },
  () => undefined,
);
