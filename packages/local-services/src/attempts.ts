/**
 * Starts of a service on ports that were free a moment ago. Another program may have taken one since, and Temporal's development server chooses a handful
 * more for itself in the same range that every outgoing connection of this machine takes its own from: a start that ends at once is worth another one.
 */
import { LocalServiceError } from './errors.ts';

const ATTEMPTS = 3;

/** Runs `start` until it serves, three times at most; `again` hears why. Rejects with the last attempt's error; other errors are not tried again. */
export async function withAttempts<T>(start: () => Promise<T>, again: (reason: LocalServiceError) => void): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start();
    } catch (error) {
      if (!(error instanceof LocalServiceError) || attempt === ATTEMPTS) throw error;
      again(error);
    }
  }
}
