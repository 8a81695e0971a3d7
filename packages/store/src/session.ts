/**
 * Guards the methods of one transaction against three ways of losing writes without a word:
 * a statement's error that the caller swallows (PostgreSQL then answers COMMIT with a silent rollback), calls at the same time on one connection,
 * and a call after the transaction has ended (its connection may by then serve somebody else).
 */
import { InvalidEntry } from '@lockstep/domain/audit/entry.schema.ts';

/** Runs `work` with the guarded methods; throws the first error of a database statement even if `work` did not. */
export async function closable<M extends object, T>(methods: M, work: (methods: M) => Promise<T>): Promise<T> {
  const session: Session = { ended: false, failure: undefined, tail: Promise.resolve() };
  // Guarded when it is asked for: a transaction has some eighty methods and uses a few.
  const guarded = new Proxy(methods, {
    get: (target, name) => guard(session, String(name), Reflect.get(target, name) as Method),
  });
  try {
    const result = await work(guarded);
    // Calls that nobody waited for count too.
    await session.tail;
    if (session.failure !== undefined) throw session.failure;
    return result;
  } finally {
    session.ended = true;
    // After an error in `work`: the connection must be free before it is rolled back.
    await session.tail;
  }
}

type Method = (...args: readonly unknown[]) => Promise<unknown>;

interface Session {
  ended: boolean;
  failure: Error | undefined;
  /** Settles when the last call that was made has; never rejects. */
  tail: Promise<unknown>;
}

function guard(session: Session, name: string, method: Method): Method {
  const call = async (args: readonly unknown[]): Promise<unknown> => {
    if (session.ended)
      throw new Error(`${name}: expected a transaction that is still open, got one that has ended; await every call within it`);
    try {
      return await method(...args);
    } catch (error) {
      if (isDatabaseError(error) || error instanceof InvalidEntry) session.failure ??= error;
      throw error;
    }
  };
  return (...args) => {
    const result = session.tail.then(() => call(args));
    session.tail = result.catch(() => undefined);
    return result;
  };
}

/**
 * Errors of the server carry an SQLSTATE; our own refusals (a stale checkpoint, a text that cannot be stored) leave the transaction usable. All but one:
 * where the audit log has refused an entry, nothing may be written (no entry, no write).
 */
function isDatabaseError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && 'severity' in error;
}
