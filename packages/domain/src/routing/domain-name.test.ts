import { describe, expect, it } from 'vitest';
import { companyDomain, mailAddress, NO_EXCLUSIONS } from './domain-name.ts';

const EXCLUDED = {
  ...NO_EXCLUSIONS,
  competitors: ['rival.io'],
  test: ['internal', 'qa.acme.com'],
  freeMail: ['post.example'],
  disposable: ['bin.example'],
};

describe('the company behind a domain', () => {
  it.each([
    ['Ines@Mail.Acme.CO.UK', 'acme.co.uk'],
    ['https://www.acme.com/pricing?x=1', 'acme.com'],
    ['acme.com.', 'acme.com'],
    ['acme.example', 'acme.example'],
    ['ＡＣＭＥ.com', 'acme.com'],
    ['bücher.de', 'bücher.de'],
  ])('%s is %s', (text, domain) => {
    expect(companyDomain(text, EXCLUDED)).toEqual({ kind: 'company', domain });
  });

  it.each([
    ['31 ', 'a@rival.io', 'COMPETITOR'],
    ['31 ', 'a@eu.rival.io', 'COMPETITOR'],
    ['31 ', 'a@gmail.com', 'FREE_MAIL'],
    ['31 ', 'a@post.example', 'FREE_MAIL'],
    ['31 ', 'a@mailinator.com', 'DISPOSABLE'],
    ['31 ', 'a@x.bin.example', 'DISPOSABLE'],
    ['31 ', 'a@acme.test', 'TEST_DOMAIN'],
    ['31 ', 'a@example.com', 'TEST_DOMAIN'],
    ['31 ', 'a@localhost', 'TEST_DOMAIN'],
    ['31 ', 'a@qa.acme.com', 'TEST_DOMAIN'],
    ['31 ', 'a@crm.internal', 'TEST_DOMAIN'],
    ['', 'acme.github.io', 'SHARED_HOST'],
    ['', 'github.io', 'SHARED_HOST'],
    ['', 'a@shop.myshopify.com', 'SHARED_HOST'],
    ['', 'co.uk', 'NO_DOMAIN'],
    ['', '10.0.0.1', 'NO_DOMAIN'],
    ['', '', 'NO_DOMAIN'],
    ['', 'a@', 'NO_DOMAIN'],
    ['', 'a..b', 'NO_DOMAIN'],
  ])('%s%s is no company: %s', (_, text, reason) => {
    expect(companyDomain(text, EXCLUDED)).toMatchObject({ kind: 'none', reason });
  });

  it('31 what ends in the same letters is another domain', () => {
    expect(companyDomain('a@notrival.io', EXCLUDED)).toEqual({ kind: 'company', domain: 'notrival.io' });
    expect(companyDomain('a@acme.com', EXCLUDED)).toEqual({ kind: 'company', domain: 'acme.com' });
  });

  it.each([
    [' Ines@Acme.COM ', 'ines@acme.com'],
    ['ines', null],
    ['ines@acme', null],
    ['a b@acme.com', null],
    ['a@b@acme.com', null],
    [`${'x'.repeat(320)}@acme.com`, null],
  ])('%j as a mail address', (text, expected) => {
    expect(mailAddress(text)).toBe(expected);
  });
});
