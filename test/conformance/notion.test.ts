import { notion } from './notion-account.ts';
import { conformance } from './suite.ts';

conformance(notion);
