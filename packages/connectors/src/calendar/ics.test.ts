import { describe, expect, it } from 'vitest';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { readIcs } from './ics.ts';
import type { IcsOptions, IcsReading } from './ics.ts';

const NOVEMBER = { fromMs: Date.parse('2026-11-01T00:00Z'), toMs: Date.parse('2026-12-01T00:00Z') };

function calendar(...parts: readonly string[]): string {
  return ['BEGIN:VCALENDAR', 'VERSION:2.0', ...parts, 'END:VCALENDAR', ''].join('\r\n');
}

function event(...lines: readonly string[]): string {
  const uid = lines.some((line) => line.startsWith('UID')) ? [] : ['UID:e1'];
  return ['BEGIN:VEVENT', ...uid, ...lines, 'SUMMARY:Dentist', 'END:VEVENT'].join('\r\n');
}

function read(text: string, change: Partial<IcsOptions> = {}): IcsReading {
  return readIcs(text, { zone: 'Europe/Berlin', window: NOVEMBER, taken: 'busy', ...change });
}

/** The times, in short, of a reading without problems. */
function times(text: string, change: Partial<IcsOptions> = {}): readonly string[] {
  const { absences, problems } = read(text, change);
  expect(problems).toEqual([]);
  return absences.map(({ fromIso, toIso }) => `${fromIso.slice(5, 16)} ${toIso.slice(5, 16)}`);
}

const ONE_HOUR = 'DURATION:PT1H';

describe('an iCalendar entry', () => {
  it('01 is an absence with its instants, an id that stays, a code, and nothing that a person has written', () => {
    const text = calendar(event('DTSTART;TZID=Europe/Berlin:20261125T110000', 'DTEND;TZID=Europe/Berlin:20261125T150000'));
    expect(read(text)).toEqual({
      absences: [
        { id: 'e1/2026-11-25T10:00:00.000Z', fromIso: '2026-11-25T10:00:00.000Z', toIso: '2026-11-25T14:00:00.000Z', reason: 'BUSY' },
      ],
      problems: [],
    });
  });

  it.each([
    ['in UTC', 'DTSTART:20261125T110000Z', '11-25T11:00 11-25T12:00'],
    ['without a zone, in the reader’s', 'DTSTART:20261125T110000', '11-25T10:00 11-25T11:00'],
    ['in another zone', 'DTSTART;TZID=America/New_York:20261125T110000', '11-25T16:00 11-25T17:00'],
  ])('01 %s', (_, start, wanted) => {
    expect(times(calendar(event(start, ONE_HOUR)))).toEqual([wanted]);
  });

  it('01 of whole days runs from midnight to midnight of the reader, 25 hours when the clocks go back', () => {
    const october = { window: { fromMs: Date.parse('2026-10-01T00:00Z'), toMs: NOVEMBER.fromMs } };
    expect(times(calendar(event('DTSTART;VALUE=DATE:20261025')), october)).toEqual(['10-24T22:00 10-25T23:00']);
    // A date has no zone, whatever stands there (RFC 5545, 3.2.19).
    expect(times(calendar(event('DTSTART;VALUE=DATE;TZID=Asia/Tokyo:20261109')))).toEqual(['11-08T23:00 11-09T23:00']);
    expect(times(calendar(event('DTSTART;VALUE=DATE:20261109', 'DTEND;VALUE=DATE:20261114')))).toEqual(['11-08T23:00 11-13T23:00']);
  });

  it('01 in a zone that only the file describes (Outlook) is where that says; a name that the platform knows goes before', () => {
    const zone = (name: string): string =>
      [
        'BEGIN:VTIMEZONE',
        `TZID:${name}`,
        ...[
          'BEGIN:STANDARD',
          'DTSTART:16010101T030000',
          'TZOFFSETFROM:+0200',
          'TZOFFSETTO:+0100',
          'RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10',
        ],
        ...['END:STANDARD', 'BEGIN:DAYLIGHT', 'DTSTART:16010101T020000', 'TZOFFSETFROM:+0100', 'TZOFFSETTO:+0200'],
        ...['RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3', 'END:DAYLIGHT', 'END:VTIMEZONE'],
      ].join('\r\n');
    const name = 'W. Europe Standard Time';
    const summer = { window: { fromMs: Date.parse('2026-07-01T00:00Z'), toMs: Date.parse('2026-08-01T00:00Z') } };
    expect(times(calendar(zone(name), event(`DTSTART;TZID=${name}:20261125T110000`, ONE_HOUR)))).toEqual(['11-25T10:00 11-25T11:00']);
    expect(times(calendar(zone(name), event(`DTSTART;TZID="${name}":20260725T110000`, ONE_HOUR)), summer)).toEqual([
      '07-25T09:00 07-25T10:00',
    ]);
    expect(times(calendar(zone('Asia/Tokyo'), event('DTSTART;TZID=Asia/Tokyo:20261125T110000', ONE_HOUR)))).toEqual([
      '11-25T02:00 11-25T03:00',
    ]);
  });

  it('01 that is free, tentative, cancelled or outside of the window is no absence; one that reaches into it is', () => {
    const at = (day: string, ...lines: readonly string[]): string =>
      event(`UID:u${day}`, `DTSTART:202611${day}T110000Z`, ONE_HOUR, ...lines);
    const text = calendar(
      at('02', 'TRANSP:TRANSPARENT'),
      at('03', 'STATUS:CANCELLED'),
      at('04', 'X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE'),
      at('05', 'X-MICROSOFT-CDO-BUSYSTATUS:OOF', 'TRANSP:TRANSPARENT'),
      at('06', 'TRANSP:OPAQUE'),
      event('UID:before', 'DTSTART:20261031T110000Z', 'DTEND:20261101T000000Z'),
      event('UID:into', 'DTSTART:20261031T110000Z', 'DTEND:20261101T000001Z'),
      event('UID:after', 'DTSTART:20261201T000000Z', ONE_HOUR),
      event('UID:nothing', 'DTSTART:20261110T000000Z'),
    );
    expect(times(text)).toEqual(['10-31T11:00 11-01T00:00', '11-05T11:00 11-05T12:00', '11-06T11:00 11-06T12:00']);
    expect(times(text, { taken: 'out-of-office' })).toEqual(['11-05T11:00 11-05T12:00']);
    expect(times(text, { taken: 'every' })).toHaveLength(5);
    expect(read(text).absences.map(({ reason }) => reason)).toEqual(['BUSY', 'OUT_OF_OFFICE', 'BUSY']);
    expect(times(text.replace('VERSION:2.0', 'VERSION:2.0\r\nMETHOD:CANCEL'))).toEqual([]);
  });

  it('01 of free/busy lists the busy periods are taken', () => {
    const text = calendar(
      'BEGIN:VFREEBUSY',
      'FREEBUSY:20261125T110000Z/PT1H,20261126T110000Z/20261126T123000Z',
      'FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20261127T000000Z/P1D',
      'FREEBUSY;FBTYPE=FREE:20261128T000000Z/P1D',
      'END:VFREEBUSY',
    );
    expect(times(text)).toEqual(['11-25T11:00 11-25T12:00', '11-26T11:00 11-26T12:30', '11-27T00:00 11-28T00:00']);
    expect(times(text, { taken: 'out-of-office' })).toEqual(['11-27T00:00 11-28T00:00']);
  });
});

describe('an entry that recurs', () => {
  it('01 recurs by the wall, over a change of clocks, until the window ends', () => {
    const around = { window: { fromMs: Date.parse('2026-10-20T00:00Z'), toMs: Date.parse('2026-11-03T00:00Z') } };
    const text = calendar(event('DTSTART;TZID=Europe/Berlin:20240102T090000', ONE_HOUR, 'RRULE:FREQ=WEEKLY;BYDAY=TU,FR'));
    expect(times(text, around)).toEqual([
      '10-20T07:00 10-20T08:00',
      '10-23T07:00 10-23T08:00',
      '10-27T08:00 10-27T09:00',
      '10-30T08:00 10-30T09:00',
    ]);
  });

  it('01 ends with UNTIL, which is included, or with COUNT', () => {
    const until = (value: string): number =>
      times(calendar(event('DTSTART;TZID=Europe/Berlin:20261102T090000', ONE_HOUR, `RRULE:FREQ=DAILY;UNTIL=${value}`))).length;
    expect([until('20261105T080000Z'), until('20261105T075959Z'), until('20261105'), until('20261105T090000')]).toEqual([4, 3, 4, 4]);
    expect(times(calendar(event('DTSTART:20261102T090000Z', ONE_HOUR, 'RRULE:FREQ=DAILY;COUNT=3')))).toHaveLength(3);
  });

  it('01 leaves out EXDATE, in whatever zone, and adds RDATE; COUNT counts what is left out', () => {
    const text = calendar(
      event(
        'DTSTART;TZID=Europe/Berlin:20261102T090000',
        ONE_HOUR,
        'RRULE:FREQ=DAILY;COUNT=5',
        'EXDATE:20261103T080000Z',
        'EXDATE;TZID=Europe/Berlin:20261104T090000',
        'EXDATE;VALUE=DATE:20261105',
        'RDATE;TZID=Europe/Berlin:20261120T140000,20261102T090000',
      ),
    );
    expect(times(text)).toEqual(['11-02T08:00 11-02T09:00', '11-06T08:00 11-06T09:00', '11-20T13:00 11-20T14:00']);
  });

  it('01 an exception stands for its occurrence: moved, cancelled, or free; the last version counts', () => {
    const instead = (day: string, sequence: number, ...lines: readonly string[]): string =>
      event(`RECURRENCE-ID;TZID=Europe/Berlin:202611${day}T090000`, `SEQUENCE:${sequence}`, ...lines);
    const text = calendar(
      event('DTSTART;TZID=Europe/Berlin:20261102T090000', ONE_HOUR, 'RRULE:FREQ=DAILY;COUNT=4'),
      instead('03', 2, 'DTSTART;TZID=Europe/Berlin:20261110T150000', ONE_HOUR),
      instead('03', 1, 'DTSTART;TZID=Europe/Berlin:20261111T150000', ONE_HOUR),
      instead('04', 1, 'DTSTART;TZID=Europe/Berlin:20261104T090000', ONE_HOUR, 'STATUS:CANCELLED'),
      instead('05', 1, 'DTSTART;TZID=Europe/Berlin:20261105T090000', ONE_HOUR, 'TRANSP:TRANSPARENT'),
    );
    expect(times(text)).toEqual(['11-02T08:00 11-02T09:00', '11-10T14:00 11-10T15:00']);
    // The id is that of the occurrence, wherever it has gone.
    expect(read(text).absences[1]?.id).toBe('e1/2026-11-03T08:00:00.000Z');
  });

  it('01 lasts as long as the first one with DTEND, and as long by the wall with DURATION in days', () => {
    const october = { window: { fromMs: Date.parse('2026-10-23T00:00Z'), toMs: Date.parse('2026-10-26T00:00Z') } };
    const start = 'DTSTART;TZID=Europe/Berlin:20261023T120000';
    const daily = 'RRULE:FREQ=DAILY;COUNT=2';
    expect(times(calendar(event(start, 'DTEND;TZID=Europe/Berlin:20261024T120000', daily)), october)).toEqual([
      '10-23T10:00 10-24T10:00',
      '10-24T10:00 10-25T10:00',
    ]);
    expect(times(calendar(event(start, 'DURATION:P1D', daily)), october)).toEqual(['10-23T10:00 10-24T10:00', '10-24T10:00 10-25T11:00']);
  });
});

describe('hostile or broken calendars', () => {
  const good = event('UID:good', 'DTSTART:20261125T110000Z', ONE_HOUR);
  const bad = (...lines: readonly string[]): string => event('UID:bad', ...lines);

  it.each([
    [
      'a date that is none',
      ['DTSTART:20261399T990000Z', ONE_HOUR],
      'DTSTART: expected a date or a time that exists, got "2026-13-99T99:00:00Z"',
    ],
    ['a 30 February', ['DTSTART;VALUE=DATE:20260230'], 'DTSTART: expected a date or a time that exists, got "2026-02-30"'],
    ['words for a date', ['DTSTART:tomorrow', ONE_HOUR], 'DTSTART: expected a date or a time that exists'],
    ['no start', [ONE_HOUR], 'DTSTART: expected one, got none'],
    ['an end before its start', ['DTSTART:20261125T110000Z', 'DTEND:20261125T100000Z'], 'DTEND: expected one that is not before DTSTART'],
    [
      'a length that is none',
      ['DTSTART:20261125T110000Z', 'DURATION:one hour'],
      'DURATION: expected one such as PT1H or P2D, got "one hour"',
    ],
    ['a negative length', ['DTSTART:20261125T110000Z', 'DURATION:-PT1H'], 'DURATION: expected one that is not negative, got -PT1H'],
    [
      'a zone that nobody knows',
      ['DTSTART;TZID=Mars/Olympus:20261125T110000', ONE_HOUR],
      'TZID: expected an IANA name or one with a VTIMEZONE',
    ],
    [
      'a rule every second',
      ['DTSTART:20261125T110000Z', 'RRULE:FREQ=SECONDLY'],
      'RRULE: expected DAILY, WEEKLY, MONTHLY or YEARLY, got SECONDLY',
    ],
    ['a rule that is none', ['DTSTART:20261125T110000Z', 'RRULE:FREQ=FOO'], 'expected lines as in RFC 5545'],
    ['a rule that matches nothing', ['DTSTART:20261125T110000Z', 'RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30'], 'got BYMONTH'],
    ['a rule with days that are not there', ['DTSTART:20261125T110000Z', 'RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30'], 'from 1 to 28'],
    ['a rule that jumps for ever', ['DTSTART:20261125T110000Z', 'RRULE:FREQ=WEEKLY;INTERVAL=999999999'], 'INTERVAL from 1 to 400'],
    [
      'a rule on a Monday every seventh day from a Tuesday',
      ['DTSTART:20261124T110000Z', 'RRULE:FREQ=DAILY;INTERVAL=7;BYDAY=MO'],
      'INTERVAL=1',
    ],
    ['a place that no month has', ['DTSTART:20261124T110000Z', 'RRULE:FREQ=YEARLY;BYMONTH=2;BYDAY=MO;BYSETPOS=9'], 'BYSETPOS from 1 to 4'],
    ['a rule of leap days', ['DTSTART;VALUE=DATE:20240229', 'RRULE:FREQ=YEARLY'], 'got a 29 February'],
    ['a rule without an end from the year 1', ['DTSTART:00010101T110000Z', 'RRULE:FREQ=DAILY'], 'expected at most 20000 occurrences'],
    ['an exception for all that follow', ['RECURRENCE-ID;RANGE=THISANDFUTURE:20261125T110000Z', 'DTSTART:20261125T110000Z'], 'got RANGE'],
    ['a line that is none', ['DTSTART:20261125T110000Z', 'Max Mustermann'], 'expected lines as in RFC 5545'],
  ])('nothing of the others is lost to %s, and it is named', (_, lines, message) => {
    const { absences, problems } = read(calendar(bad(...lines), good));
    expect(absences.map(({ id }) => id)).toEqual(['good/2026-11-25T11:00:00.000Z']);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toContain(message);
    expect(JSON.stringify(problems)).not.toMatch(/Dentist|Mustermann/);
  });

  it('an entry is named by its UID, and by its place where it has none or cannot be read', () => {
    const { problems } = read(calendar(good, bad('DTSTART:x'), event('UID:', 'DTSTART:20261125T110000Z'), bad('nonsense')));
    expect(problems.map(({ entry }) => entry)).toEqual(['VEVENT 4', 'bad', 'VEVENT 3']);
  });

  it('many entries with rules that never end share what may be looked at', () => {
    const endless = Array.from({ length: 20 }, (_, index) =>
      event(`UID:e${index}`, 'DTSTART:19800101T110000Z', ONE_HOUR, 'RRULE:FREQ=DAILY'),
    );
    const { absences, problems } = read(calendar(...endless, good));
    // 17,137 days each: eleven fit into 200,000.
    expect(problems).toHaveLength(9);
    expect(new Set(absences.map(({ id }) => id.split('/')[0]))).toHaveProperty('size', 12);
  });

  it('a zone of the file with a rule that does not end is refused before it is followed', () => {
    const zone = [
      'BEGIN:VTIMEZONE',
      'TZID:Trap',
      ...['BEGIN:STANDARD', 'DTSTART:16010101T030000', 'TZOFFSETFROM:+0200', 'TZOFFSETTO:+0100', 'RRULE:FREQ=WEEKLY;INTERVAL=999999999'],
      ...['END:STANDARD', 'END:VTIMEZONE'],
    ].join('\r\n');
    const { problems } = read(calendar(zone, bad('DTSTART;TZID=Trap:20261125T110000', ONE_HOUR)));
    expect(problems).toEqual([{ entry: 'bad', message: 'VTIMEZONE 1: RRULE: expected INTERVAL from 1 to 400, got 999999999' }]);
  });

  it.each([
    ['nothing', '', 'expected iCalendar text'],
    ['an error page', '<html>Sign in</html>', 'expected iCalendar text'],
    ['a download that broke off', calendar(good).slice(0, -25), 'expected iCalendar text'],
    [
      'an entry that does not end',
      calendar(good.replace('END:VEVENT', '')),
      'expected every entry to end, got 1 that begin and 0 that end',
    ],
    ['more than 10 MB', calendar(`X-A:${'a'.repeat(10_000_000)}`), 'expected at most 10000000 characters'],
    [
      'more entries than anybody has',
      calendar('BEGIN:VEVENT\r\nEND:VEVENT\r\n'.repeat(50_001).trim()),
      'expected at most 50000 entries, got 50001',
    ],
  ])('%s is refused as a whole, so that what is known stays', (_, text, message) => {
    const refused = (): IcsReading => read(text);
    expect(refused).toThrow(ConnectorError);
    expect(refused).toThrow(message);
  });

  it('a byte order mark, folded lines and bare line feeds are read', () => {
    expect(times(`\uFEFF${calendar(good).replaceAll('\r\n', '\n').replace('DTSTART:2026', 'DTSTART:20\n 26')}`)).toEqual([
      '11-25T11:00 11-25T12:00',
    ]);
  });
});
