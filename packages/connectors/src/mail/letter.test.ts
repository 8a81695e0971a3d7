import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NOTICE, READER } from '../slack/notice.fixture.ts';
import { letterOf } from './letter.ts';

const letter = (notice: object = {}, reader: object = {}, key = 'pql-1/assigned') =>
  letterOf(key, { ...READER, ...reader }, { ...NOTICE, ...notice }, 'lockstep.example');

describe('a notice as a mail', () => {
  test('a letter has the title as its subject, the reasons, score, deadline in the reader’s zone and link; buttons become a sentence', () => {
    expect(letter()).toMatchObject({
      to: 'lena@growth.example',
      subject: 'Northwind Bikes crossed the SMB threshold',
      text: `Northwind Bikes crossed the SMB threshold

- 3 teammates invited in 2 days
- Billing page opened twice
Score: 82
Due: Mon 26 Oct, 12:30 CET

Open in the CRM: https://crm.example/accounts/42?tab=pql&from=slack

To answer, use Slack or the link above.
`,
    });
  });

  test('R8 the Message-ID is made of key and reader: the same again, another for another', () => {
    const { messageId } = letter();
    expect(messageId).toMatch(/^<[0-9a-f]{40}@lockstep\.example>$/);
    expect(letter({ title: 'Another title' }).messageId).toBe(messageId);
    expect(letter({}, { email: 'LENA@growth.example' }).messageId).toBe(messageId);
    expect(letter({}, { email: 'tom@growth.example' }).messageId).not.toBe(messageId);
    expect(letter({}, {}, 'pql-1/reminder').messageId).not.toBe(messageId);
  });

  test('hostile text is text in both parts, on one line, and never a header', () => {
    const hostile = 'Hi\r\nBcc: everybody@growth.example\r\n\r\n<script>alert(1)</script> & "x"';
    const { subject, text, html } = letter({
      title: hostile,
      why: [hostile],
      link: { label: hostile, url: 'https://crm.example/?q="><script>' },
    });
    expect(subject).toBe('Hi Bcc: everybody@growth.example <script>alert(1)</script> & "x"');
    expect(text.split('\n').filter((line) => line.startsWith('Bcc'))).toEqual([]);
    expect(html).not.toMatch(/<script|"x"/);
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;x&quot;');
    expect(html.match(/href="[^"]*"/g)).toEqual(['href="https://crm.example/?q=%22%3E%3Cscript%3E"']);
    expect(() => letter({ link: { label: 'x', url: 'javascript:alert(1)' } })).toThrow('expected an address of http or https');
  });

  test('one address and nothing else: no list, no name, no line break; none is for the next channel', () => {
    expect(() => letter({}, { email: null })).toThrow(expect.objectContaining({ code: 'NotFound' }) as Error);
    for (const email of [
      'a@b.example, c@d.example',
      'A <a@b.example>',
      'a@b.example\r\nBcc: c@d.example',
      'a b@c.example',
      'a@b@c.example',
      '',
      '@b.example',
      '"a"@b.example',
      'a@[127.0.0.1]',
      `${'a'.repeat(250)}@b.example`,
    ])
      expect(() => letter({}, { email }), JSON.stringify(email)).toThrow(expect.objectContaining({ code: 'Invalid' }) as Error);
    expect(letter({}, { email: 'ünï+tag@b-c.example' }).to).toBe('ünï+tag@b-c.example');
  });

  test('I01 whatever the title, the subject is one line of at most 150, whole characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (title) => {
        const { subject } = letter({ title });
        // eslint-disable-next-line no-control-regex
        expect(subject).toMatch(/^[^\u0000-\u001F\u2028\u2029]{0,150}$/);
        expect(subject.isWellFormed()).toBe(true);
      }),
    );
  });
});
