/** Where working calendars get what changes in them: times away from a person's calendar, public holidays from a library. */
import type { Absence, Holiday, Span } from './calendar.ts';

/** What a feed said last, so that it is only read again when it has changed. Kept by the caller. */
export interface FeedMark {
  readonly etag: string | null;
  /** As the server writes it. */
  readonly lastModified: string | null;
}

/** Something in a feed that could not be understood; the rest of the feed was. */
export interface FeedProblem {
  /** The entry's UID, or where it stands. */
  readonly entry: string;
  /** Expected and got; without names or subjects. */
  readonly message: string;
}

export type FeedReading =
  | { readonly kind: 'unchanged' }
  | {
      readonly kind: 'read';
      /** All that overlap the window, by start; they take the place of what the feed said before. Of a feed with problems: what could be understood. */
      readonly absences: readonly Absence[];
      readonly problems: readonly FeedProblem[];
      readonly mark: FeedMark;
    };

/** A person's calendar. */
export interface AbsenceFeed {
  /**
   * Times away that overlap a window of time. A feed that cannot be read at all changes nothing: the caller keeps what it has.
   * @throws ConnectorError
   */
  read(window: Span, known: FeedMark | null): Promise<FeedReading>;
}

/** Public holidays by region: a country (`DE`), a state (`DE-BY`), a part of it (`DE-BY-A`). */
export interface HolidaySource {
  /** Of whole years, by date. @throws ConnectorError Invalid for a region that is not known. */
  holidaysOf(region: string, years: readonly number[]): readonly Holiday[];
}
