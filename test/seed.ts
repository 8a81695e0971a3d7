/**
 * The seed of every property (docs/decisions/0019). `npm test` plays the same histories each time, so that it says whether this change broke something;
 * `npm run test:long` draws new ones, to find what nobody knows yet. `LOCKSTEP_SEED` plays certain ones again, in either.
 */
import fc from 'fast-check';

const EVERY_TIME = 20_261_129;

const asked = process.env['LOCKSTEP_SEED'];
if (asked !== undefined && !/^-?\d+$/.test(asked))
  throw new RangeError(`LOCKSTEP_SEED: expected a whole number, as a failure prints it, got "${asked}"`);
if (asked !== undefined || process.env['LOCKSTEP_LONG'] === undefined)
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(asked ?? EVERY_TIME) });
