/**
 * Taking records out of the recycle bin, within 15 days, under their own ids. REST has no call for it; the SOAP API has `undelete`, with the same session.
 * Source: vendor-apis, section 4, "restore"; SOAP API Developer Guide, undelete().
 */
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { createBudget } from '../../http/budget.ts';
import { createTransport, serverFailure } from '../../http/transport.ts';
import { VERSION } from '../client.ts';
import { isExpired, recordFailure } from '../errors.ts';
import type { Session, SessionOptions, Sessions } from '../sessions.ts';

const PATH = `/services/Soap/u/${VERSION}`;
const PLACE = `Salesforce POST ${PATH}`;

/** For each id in order null, or why it was not taken out. At most 200. */
export type Undelete = (ids: readonly string[]) => Promise<readonly (ConnectorError | null)[]>;

export function createUndelete({ requestTimeoutMs, clock }: SessionOptions, sessions: Sessions): Undelete {
  const budget = createBudget(() => clock().getTime());
  const transport = createTransport({ vendor: 'Salesforce', budget, timeoutMs: requestTimeoutMs }, () => false);
  const send = async (session: Session, ids: readonly string[]): Promise<{ readonly status: number; readonly xml: string }> => {
    const response = await transport(`${session.instanceUrl}${PATH}`, {
      method: 'POST',
      headers: { 'content-type': 'text/xml; charset=UTF-8', soapaction: '""' },
      body: envelope(session.accessToken, ids),
    });
    return { status: response.status, xml: await response.text() };
  };
  return async (ids) => {
    const session = await sessions.current();
    let answer = await send(session, ids);
    // Refused before anything happened: a write may be sent again.
    if (isExpired(answer.status) || faultOf(answer.xml) === 'INVALID_SESSION_ID') answer = await send(await sessions.renewed(session), ids);
    const { status, xml } = answer;
    const fault = faultOf(xml);
    if (fault !== null) throw recordFailure([{ code: fault, message: '', fields: [] }], `POST ${PATH}`);
    if (status >= 300) throw serverFailure('Salesforce', `POST ${PATH}`, status, false);
    const results = [...xml.matchAll(/<(?:\w+:)?result(?:\s[^>]*)?>([\s\S]*?)<\/(?:\w+:)?result>/g)].map(([, body = '']) => body);
    return ids.map((_, index) => {
      const result = results[index];
      if (result === undefined) return new ConnectorError('OutcomeUnknown', `${PLACE}: expected a result for each record, got none`);
      if (textOf(result, 'success') === 'true') return null;
      return recordFailure([{ code: textOf(result, 'statusCode') ?? '', message: '', fields: [] }], `POST ${PATH}`);
    });
  };
}

function envelope(sessionId: string, ids: readonly string[]): string {
  const list = ids.map((id) => `<ids>${escaped(id)}</ids>`).join('');
  return `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Header><SessionHeader xmlns="urn:partner.soap.sforce.com"><sessionId>${escaped(sessionId)}</sessionId></SessionHeader></soapenv:Header><soapenv:Body><undelete xmlns="urn:partner.soap.sforce.com">${list}</undelete></soapenv:Body></soapenv:Envelope>`;
}

/** The code of a fault (`sf:INVALID_SESSION_ID`), which is of the whole call; null where there is none. */
function faultOf(xml: string): string | null {
  return textOf(xml, 'faultcode')?.replace(/^\w+:/, '') ?? null;
}

/** The text of the first element of this name, whatever its prefix. */
function textOf(xml: string, name: string): string | null {
  return new RegExp(`<(?:\\w+:)?${name}(?:\\s[^>]*)?>([^<]*)<`).exec(xml)?.[1]?.trim() ?? null;
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
