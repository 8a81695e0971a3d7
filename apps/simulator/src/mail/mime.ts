/** As much of MIME as it takes to show a mail: headers unfolded and decoded, the plain and the HTML part. Source: RFC 2045 to 2047, RFC 5322. */

export interface ParsedMail {
  /** By lower-cased name, decoded; the first where one is repeated. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string | null;
  readonly html: string | null;
}

export function parsedMail(raw: string): ParsedMail {
  const { headers, body } = split(raw);
  const parts = partsOf(headers, body);
  const ofType = (type: string): string | null => parts.find((part) => part.type === type)?.content ?? null;
  const shown = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, decodedWords(value)]));
  return { headers: shown, text: ofType('text/plain'), html: ofType('text/html') };
}

interface Part {
  readonly type: string;
  readonly content: string;
}

function split(raw: string): { readonly headers: Readonly<Record<string, string>>; readonly body: string } {
  const end = raw.indexOf('\r\n\r\n');
  const head = end === -1 ? raw : raw.slice(0, end);
  const headers: Record<string, string> = {};
  for (const line of head.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n')) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    if (colon > 0 && !(name in headers)) headers[name] = line.slice(colon + 1).trim();
  }
  return { headers, body: end === -1 ? '' : raw.slice(end + 4) };
}

function partsOf(headers: Readonly<Record<string, string>>, body: string): readonly Part[] {
  const type = headers['content-type'] ?? 'text/plain';
  const boundary = /boundary="?([^";]+)"?/i.exec(type)?.[1];
  if (!type.startsWith('multipart/') || boundary === undefined) {
    const [kind = ''] = type.split(';', 1);
    return [{ type: kind.trim().toLowerCase(), content: decoded(headers['content-transfer-encoding'] ?? '7bit', body) }];
  }
  const inside = body.split(`--${boundary}`).slice(1, -1);
  return inside.flatMap((part) => {
    const { headers: own, body: content } = split(part.replace(/^\r\n/, ''));
    return partsOf(own, content.replace(/\r\n$/, ''));
  });
}

function decoded(encoding: string, body: string): string {
  switch (encoding.toLowerCase()) {
    case 'base64':
      return Buffer.from(body, 'base64').toString('utf8');
    case 'quoted-printable':
      return quotedPrintable(body.replaceAll(/=\r\n/g, ''));
    default:
      // The wire is bytes: what was read as Latin-1 was UTF-8.
      return Buffer.from(body, 'latin1').toString('utf8');
  }
}

function quotedPrintable(text: string): string {
  const bytes = text.replaceAll(/=([0-9A-F]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** `=?UTF-8?Q?…?=` and `=?UTF-8?B?…?=`; white space between two of them is none. */
function decodedWords(value: string): string {
  return value
    .replaceAll(/(\?=)\s+(=\?)/g, '$1$2')
    .replaceAll(/=\?[\w-]+\?([QB])\?([^?]*)\?=/gi, (_, kind: string, text: string) =>
      kind.toUpperCase() === 'B' ? Buffer.from(text, 'base64').toString('utf8') : quotedPrintable(text.replaceAll('_', ' ')),
    );
}
