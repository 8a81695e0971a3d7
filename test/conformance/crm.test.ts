/** CRMs for change sets, through their connectors against the simulator: one table of laws for every vendor. */
import { describe } from 'vitest';
import { hubspotSubject } from './crm-hubspot-account.ts';
import { salesforceSubject } from './crm-salesforce-account.ts';
import { readingLaws } from './crm-suite-reads.ts';
import { writingLaws } from './crm-suite-writes.ts';

for (const subject of [hubspotSubject, salesforceSubject])
  describe(`${subject.name} as a CRM`, () => {
    readingLaws(subject);
    writingLaws(subject);
  });
