/** Runs work over a list, at most `width` at a time, and answers in the order of the list. The first failure rejects; what runs is awaited. */
export async function inParallel<T, R>(values: readonly T[], width: number, work: (value: T, index: number) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  let failed = false;
  const runner = async (): Promise<void> => {
    while (next < values.length && !failed) {
      const index = next;
      next += 1;
      try {
        results[index] = await work(values[index] as T, index);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const outcomes = await Promise.allSettled(Array.from({ length: Math.min(width, values.length) }, runner));
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
  return results;
}
