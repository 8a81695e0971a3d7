import { jira } from './jira-account.ts';
import { conformance } from './suite.ts';

conformance(jira);
