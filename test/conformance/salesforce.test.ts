import { salesforce } from './salesforce-account.ts';
import { conformance } from './suite.ts';

conformance(salesforce);
