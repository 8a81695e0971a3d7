/** Cursors: opaque texts that hold a place in one list. An empty one stands for the end. */
import { SlackError } from './errors.ts';

export function cursorOf(list: string, next: number, total: number): string {
  return next < total ? Buffer.from(`${list}:${next}`).toString('base64') : '';
}

/** The place of a cursor of this list; 0 without one. */
export function placeOf(cursor: string | undefined, list: string): number {
  if (cursor === undefined || cursor === '') return 0;
  const [of, place = ''] = Buffer.from(cursor, 'base64').toString('utf8').split(':', 2);
  if (of !== list || !/^\d{1,9}$/.test(place)) throw new SlackError('invalid_cursor');
  return Number(place);
}
