/**
 * The one thing that the REST API cannot do: take records out of the recycle bin. The SOAP API's `undelete`, and nothing else of SOAP.
 * Source: vendor-apis.md 4, "restore"; SOAP API Developer Guide, undelete().
 */
import type { Hono } from 'hono';
import type { VendorEnv } from '../kernel/vendor.ts';
import type { Sessions } from './access.ts';
import { badRequest, noSuchRecord, SalesforceError } from './errors.ts';
import { wellFormedId } from './ids.ts';
import { did } from './operations.ts';
import type { Session } from './model.ts';
import { undeleteRecord } from './writing.ts';
import type { Writers } from './writing.ts';

const MOST_RECORDS = 200;
const ENVELOPE =
  '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com" xmlns:sf="urn:fault.partner.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">';

export function soapRoutes(app: Hono<VendorEnv>, writers: Writers, sessions: Sessions): void {
  app.post('/services/Soap/u/:version', async (c) => {
    const xml = await c.req.text();
    const answered = (body: string, status: 200 | 500): Response =>
      c.body(`<?xml version="1.0" encoding="UTF-8"?>${ENVELOPE}<soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`, status, {
        'content-type': 'text/xml;charset=UTF-8',
      });
    try {
      const session = sessions.of(`Bearer ${valuesOf(xml, 'sessionId')[0] ?? ''}`);
      Object.assign(c.env.trace, { account: session.account, operation: 'undelete' });
      const ids = valuesOf(xml, 'ids');
      if (!/<(?:\w+:)?undelete[\s>]/.test(xml)) throw badRequest('UNKNOWN_EXCEPTION', 'No operation available for request');
      if (ids.length > MOST_RECORDS)
        throw badRequest('EXCEEDED_ID_LIMIT', `record limit reached. cannot submit more than ${MOST_RECORDS} records into this call`);
      const results = writers.org.transaction(() => ids.map((id) => undeleted(writers, session, id)));
      did(c.env.trace, 'update', results.filter((result) => result.includes('<success>true')).length);
      return answered(`<undeleteResponse>${results.join('')}</undeleteResponse>`, 200);
    } catch (error) {
      if (!(error instanceof SalesforceError)) throw error;
      const { errorCode, message } = error;
      return answered(
        `<soapenv:Fault><faultcode>sf:${errorCode}</faultcode><faultstring>${errorCode}: ${escaped(message)}</faultstring></soapenv:Fault>`,
        500,
      );
    }
  });
}

function undeleted(writers: Writers, session: Session, given: string): string {
  try {
    const record = writers.org.any(wellFormedId(given) ?? undefined);
    if (record === undefined) throw noSuchRecord();
    writers.org.transaction(() => undeleteRecord(writers, session, record));
    return `<result><id>${record.id}</id><success>true</success></result>`;
  } catch (error) {
    if (!(error instanceof SalesforceError)) throw error;
    const { statusCode, message } = error.forRecord();
    return `<result><errors><message>${escaped(message)}</message><statusCode>${statusCode}</statusCode></errors><id xsi:nil="true"/><success>false</success></result>`;
  }
}

/** The texts of all elements of this name, whatever their prefix. */
function valuesOf(xml: string, name: string): readonly string[] {
  return [...xml.matchAll(new RegExp(`<(?:\\w+:)?${name}(?:\\s[^>]*)?>([^<]*)</`, 'g'))].map(([, value = '']) => value.trim());
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
