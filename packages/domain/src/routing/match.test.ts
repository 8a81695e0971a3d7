import { describe, expect, it } from 'vitest';
import { NO_EXCLUSIONS } from './domain-name.ts';
import { keysOfAccount, keysOfLead, matchAccount } from './match.ts';
import type { CrmAccount, LeadIdentity } from './match.ts';

const account = (accountId: string, name: string, rest: Partial<CrmAccount> = {}): CrmAccount => ({
  accountId,
  name,
  domains: [],
  phones: [],
  country: null,
  parentId: null,
  groupIds: [],
  ...rest,
});
const lead = (rest: Partial<LeadIdentity>): LeadIdentity => ({
  groupId: null,
  email: null,
  website: null,
  companyName: null,
  phone: null,
  country: null,
  ...rest,
});

const IBM = account('1', 'IBM Corp.', { domains: ['www.ibm.com'], country: 'USA' });
const IBM_INDIA = account('2', 'IBM India Pvt. Ltd.', { domains: ['ibm.com'], country: 'India', parentId: '1' });
const IBM_UK = account('3', 'IBM United Kingdom Limited', { domains: ['ibm.com'], country: 'UK', parentId: '1' });
const ACME = account('4', 'Acme GmbH', {
  domains: ['acme.de', 'acme.com'],
  phones: ['030 901820'],
  country: 'Deutschland',
  groupIds: ['g-acme'],
});
const NORTHWIND = account('5', 'Northwind Ltd', { domains: ['northwind.co.uk'], country: 'GB' });
const NORTHWIND_US = account('6', 'Northwind, Inc.', { domains: ['northwind.com'], country: 'US' });
const ALL = [NORTHWIND_US, IBM_UK, IBM, ACME, NORTHWIND, IBM_INDIA];

describe('the account matcher', () => {
  it.each([
    ['a domain', { email: 'ines@mail.acme.com' }, '4', 'DOMAIN', null],
    ['a web site where there is no mail address', { website: 'https://www.acme.de/impressum' }, '4', 'DOMAIN', null],
    ['a group id, whoever signed up', { groupId: 'g-acme', email: 'ines@gmail.com' }, '4', 'GROUP_ID', null],
    ['a phone number in national form', { email: 'x@acme-shop.de', phone: '030/901820', country: 'DE' }, '4', 'PHONE', null],
    ['a phone number in international form', { email: 'x@acme-shop.de', phone: '+49 30 901820' }, '4', 'PHONE', null],
    [
      'a name in the same country',
      { email: 'x@nw.co.uk', companyName: 'NORTHWIND', country: 'United Kingdom' },
      '5',
      'NAME_AND_COUNTRY',
      null,
    ],
  ] as const)('matches by %s', (_, known, accountId, reason, narrowedBy) => {
    expect(matchAccount(lead(known), ALL)).toEqual({ kind: 'matched', accountId, reason, narrowedBy });
  });

  it.each([
    ['the child of the lead’s country', { country: 'IN', companyName: 'IBM' }, '2', 'COUNTRY'],
    ['"UK" is GB', { country: 'GB' }, '3', 'COUNTRY'],
    ['the child that the lead names, wherever it is', { country: 'US', companyName: 'IBM India' }, '2', 'NAME'],
    ['the parent in its own country', { country: 'US' }, '1', 'COUNTRY'],
    ['the parent where there is no child', { country: 'FR' }, '1', 'PARENT'],
    ['the parent where the country is not known', { companyName: 'IBM' }, '1', 'PARENT'],
  ] as const)('32 a family: %s', (_, known, accountId, narrowedBy) => {
    expect(matchAccount(lead({ email: 'a@ibm.com', ...known }), ALL)).toEqual({ kind: 'matched', accountId, reason: 'DOMAIN', narrowedBy });
  });

  it('32 "IBM India" is not IBM’s because of its letters, nor "IBM" IBM India’s', () => {
    const india = lead({ email: 'a@ibm-india.in', companyName: 'IBM India', country: 'IN' });
    expect(matchAccount(india, [{ ...IBM, country: 'IN' }])).toEqual({ kind: 'new', reason: 'NO_ACCOUNT', domain: 'ibm-india.in' });
    expect(matchAccount({ ...india, companyName: 'IBM' }, [IBM_INDIA])).toMatchObject({ kind: 'new' });
    expect(matchAccount(india, [IBM, IBM_INDIA])).toMatchObject({ kind: 'matched', accountId: '2', reason: 'NAME_AND_COUNTRY' });
  });

  it('32 two accounts of one domain that are no family go to people, unless the lead names one', () => {
    const strangers = [
      { ...IBM, parentId: null },
      { ...IBM_INDIA, parentId: null },
    ];
    const known = lead({ email: 'a@ibm.com', country: 'IN' });
    expect(matchAccount(known, strangers)).toEqual({
      kind: 'people',
      reason: 'AMBIGUOUS',
      candidates: [
        { accountId: '1', keys: ['DOMAIN'] },
        { accountId: '2', keys: ['DOMAIN'] },
      ],
    });
    expect(matchAccount({ ...known, companyName: 'IBM India' }, strangers)).toMatchObject({ accountId: '2', narrowedBy: 'NAME' });
  });

  it('32 siblings whose parent is elsewhere are ambiguous without a country', () => {
    expect(matchAccount(lead({ email: 'a@ibm.com' }), [IBM_INDIA, IBM_UK])).toMatchObject({ kind: 'people', reason: 'AMBIGUOUS' });
    expect(matchAccount(lead({ email: 'a@ibm.com', country: 'IN' }), [IBM_INDIA, IBM_UK])).toMatchObject({ accountId: '2' });
  });

  it('32 parents that go in a circle do not hang', () => {
    const circle = [{ ...IBM, parentId: '2' }, IBM_INDIA];
    expect(matchAccount(lead({ email: 'a@ibm.com', country: 'IN' }), circle)).toMatchObject({ accountId: '2', narrowedBy: 'COUNTRY' });
    expect(matchAccount(lead({ email: 'a@ibm.com' }), circle)).toMatchObject({ kind: 'people', reason: 'AMBIGUOUS' });
  });

  it.each([
    ['a@rival.io', 'COMPETITOR', 'rival.io'],
    ['a@acme.test', 'TEST_DOMAIN', 'acme.test'],
    ['a@mailinator.com', 'DISPOSABLE', 'mailinator.com'],
  ])('31 %s is excluded: %s, even with a group id that is known', (email, reason, domain) => {
    const excluded = { ...NO_EXCLUSIONS, competitors: ['rival.io'] };
    expect(matchAccount(lead({ email, groupId: 'g-acme' }), ALL, excluded)).toEqual({ kind: 'excluded', reason, domain });
  });

  it('31 free mail goes to people with its reason, and with whom phone and name would say', () => {
    expect(matchAccount(lead({ email: 'ines@gmail.com' }), ALL)).toEqual({ kind: 'people', reason: 'FREE_MAIL', candidates: [] });
    expect(matchAccount(lead({ email: 'ines@gmail.com', phone: '+4930901820', companyName: 'Acme' }), ALL)).toEqual({
      kind: 'people',
      reason: 'FREE_MAIL',
      candidates: [{ accountId: '4', keys: ['PHONE', 'NAME'] }],
    });
  });

  it.each([
    [{ email: 'a@acme.github.io' }, 'SHARED_HOST'],
    [{ companyName: 'Acme', country: 'DE' }, 'NO_DOMAIN'],
    [{ email: 'a@nw.co.uk', companyName: 'Northwind' }, 'NAME_ONLY'],
    [{ email: 'a@nw.fr', companyName: 'Northwind', country: 'FR' }, 'NAME_ONLY'],
    [{ groupId: 'g-acme', email: 'a@northwind.com' }, 'CONTRADICTORY'],
  ])('%j goes to people: %s', (known, reason) => {
    expect(matchAccount(lead(known), ALL)).toMatchObject({ kind: 'people', reason });
  });

  it('a company that the CRM does not have is new', () => {
    expect(matchAccount(lead({ email: 'a@globex.com', companyName: 'Globex', phone: '12', country: 'XK' }), ALL)).toEqual({
      kind: 'new',
      reason: 'NO_ACCOUNT',
      domain: 'globex.com',
    });
  });

  it('R6 the order of the accounts changes nothing', () => {
    const known = lead({ email: 'a@ibm.com', phone: '+4930901820' });
    expect(matchAccount(known, [...ALL].toReversed())).toEqual(matchAccount(known, ALL));
    const strangers = [IBM, IBM_INDIA].map((one) => ({ ...one, parentId: null }));
    expect(matchAccount(known, [...strangers].toReversed())).toEqual(matchAccount(known, strangers));
  });

  it('accounts and leads meet by the same keys', () => {
    expect(keysOfAccount(ACME)).toEqual({
      groupIds: ['g-acme'],
      domains: ['acme.de', 'acme.com'],
      phones: ['+4930901820'],
      names: ['acme'],
    });
    expect(keysOfLead(lead({ email: 'a@acme.de', phone: '030 901820', country: 'Germany', companyName: 'ACME' }))).toEqual({
      groupIds: [],
      domains: ['acme.de'],
      phones: ['+4930901820'],
      names: ['acme'],
    });
  });
});
