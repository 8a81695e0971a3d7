import { hubspot } from './hubspot-account.ts';
import { conformance } from './suite.ts';

conformance(hubspot);
