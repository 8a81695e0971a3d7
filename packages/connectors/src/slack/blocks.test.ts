import { describe, expect, test } from 'vitest';
import type { Notice } from '@lockstep/domain/routing/messenger.port.ts';
import { renderedNotice } from './blocks.ts';
import { NOTICE, READER } from './notice.fixture.ts';

const rendered = (more: Partial<Notice> = {}, reader = READER) => renderedNotice({ ...NOTICE, ...more }, reader);
const textsOf = (value: unknown): readonly string[] => {
  if (Array.isArray(value)) return value.flatMap(textsOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) => (name === 'text' && typeof part === 'string' ? [part] : textsOf(part)));
};

describe('a notice in Slack', () => {
  test('a notice has its title, its reasons, score, deadline in the reader’s zone, link and buttons', () => {
    expect(rendered()).toEqual({
      text: 'Northwind Bikes crossed the SMB threshold · Mon 26 Oct, 12:30 CET',
      clipped: [],
      blocks: [
        { type: 'section', text: { type: 'mrkdwn', text: '*Northwind Bikes crossed the SMB threshold*', verbatim: true } },
        { type: 'section', text: { type: 'mrkdwn', text: '• 3 teammates invited in 2 days\n• Billing page opened twice', verbatim: true } },
        {
          type: 'context',
          elements: [
            { type: 'mrkdwn', text: 'Score 82', verbatim: true },
            { type: 'mrkdwn', text: 'Due Mon 26 Oct, 12:30 CET', verbatim: true },
            { type: 'mrkdwn', text: '<https://crm.example/accounts/42?tab=pql&amp;from=slack|Open in the CRM>', verbatim: true },
          ],
        },
        {
          type: 'actions',
          block_id: 'lockstep_actions',
          elements: [
            {
              type: 'button',
              text: { type: 'plain_text', text: 'Accept', emoji: false },
              action_id: 'pql_accept',
              value: 'pql-1',
              style: 'primary',
            },
            {
              type: 'button',
              text: { type: 'plain_text', text: 'Decline', emoji: false },
              action_id: 'pql_decline',
              value: 'pql-1',
              style: 'danger',
            },
            { type: 'button', text: { type: 'plain_text', text: 'Snooze', emoji: false }, action_id: 'pql_snooze', value: 'pql-1' },
          ],
        },
      ],
    });
  });

  test('text of others is inert: no mention, no channel, no link, no second line, no turned direction', () => {
    const hostile = 'Pay <!channel> <@U0MARIA01> <https://evil.example|CRM> & more\n*Accepted by the CEO*\u202Egnp.exe\0';
    const shown = rendered({ title: hostile, why: [hostile], link: { label: 'a|b> <!here>', url: 'https://crm.example/a|b>c' } });
    const texts = [shown.text, ...textsOf(shown.blocks)];
    const wanted = 'Pay &lt;!channel&gt; &lt;@U0MARIA01&gt; &lt;https://evil.example|CRM&gt; &amp; more *Accepted by the CEO* gnp.exe';
    expect(texts[1]).toBe(`*${wanted}*`);
    expect(texts[2]).toBe(`• ${wanted}`);
    expect(texts.at(-4)).toBe('<https://crm.example/a%7Cb%3Ec|a¦b&gt; &lt;!here&gt;>');
    // The one control sequence of a message is its own link.
    expect(texts.join('\n').match(/<[^>]*>/g)).toEqual(['<https://crm.example/a%7Cb%3Ec|a¦b&gt; &lt;!here&gt;>']);
    // eslint-disable-next-line no-control-regex
    expect(texts.join('')).not.toMatch(/[\u202E\0]/);
  });

  test('I01 I03 what is too long is cut between characters and never within an entity, and the message says what', () => {
    const family = '👩‍👩‍👧‍👦';
    const shown = rendered({ title: `${'&'.repeat(100)}${family}`, why: [family.repeat(400), 'left out'] });
    const [title = '', why = ''] = textsOf(shown.blocks);
    expect(title).toMatch(/^\*(&amp;){29}…\*$/);
    expect(why.length).toBeLessThanOrEqual(3_000);
    expect(why.replace(/^• /, '').replace(/…$/, '').replaceAll(family, '')).toBe('');
    expect(why).not.toContain('left out');
    expect(shown.clipped).toEqual(['title', 'reasons']);
    expect(textsOf(shown.blocks).at(-1)).toBe('Too long for Slack and cut: title, reasons.');
  });

  test('ids and values of buttons, and links, are refused rather than cut, with what and by how much', () => {
    const [button] = NOTICE.buttons;
    if (button === undefined) throw new Error('expected a button');
    const withButton = (more: object) => () => rendered({ buttons: [{ ...button, ...more }] });
    expect(withButton({ actionId: 'a'.repeat(255), value: 'v'.repeat(2_000) })).not.toThrow();
    expect(withButton({ actionId: 'a'.repeat(256) })).toThrow('actionId of a button: expected 1 to 255 characters, got 256');
    expect(withButton({ actionId: '' })).toThrow('expected 1 to 255 characters, got 0');
    expect(withButton({ value: 'v'.repeat(2_001) })).toThrow('value of a button: expected at most 2000 characters, got 2001');
    expect(() => rendered({ buttons: Array.from({ length: 26 }, () => button) })).toThrow('buttons: expected at most 25, got 26');
    for (const url of ['javascript:alert(1)', 'not an address', 'slack://open', ''])
      expect(() => rendered({ link: { label: 'x', url } })).toThrow('link: expected an address of http or https');
    expect(() => rendered({ link: { label: 'x', url: `https://a.example/${'x'.repeat(3_000)}` } })).toThrow('at most 3000 characters');
  });

  test('R8 a language or zone that nobody knows does not keep a notice back; the zone is always named', () => {
    const due = (locale: string, zone: string) => rendered({}, { ...READER, locale, zone }).text.split(' · ')[1];
    expect(due('de-DE', 'Europe/Berlin')).toBe('Mo., 26. Okt., 12:30 MEZ');
    expect(due('en-US', 'America/New_York')).toBe('Mon, Oct 26, 07:30 AM EDT');
    expect(due('not a language', 'Europe/Berlin')).toBe('Mon 26 Oct, 12:30 CET');
    expect(due('de-DE', 'Mars/Olympus')).toBe('Mon 26 Oct, 11:30 UTC');
    expect(() => rendered({ deadlineIso: 'soon' })).toThrow('expected an ISO instant');
  });
});
