import { pino } from 'pino';
import type { DestinationStream, Logger } from 'pino';
import { loggedError } from '../failures.ts';
import { logFields } from './log-fields.ts';

/** The log of a worker: a JSON document a line, with the fields of the activity that writes it; errors without the words that others have put into them (C12). */
export function createLog(level: string, destination: DestinationStream): Logger {
  return pino({ level, base: { app: 'worker' }, mixin: logFields, serializers: { err: loggedError } }, destination);
}
