/** A local service could not be had. The message says which, what was expected, what was found and what to do. */
export class LocalServiceError extends Error {
  override readonly name = 'LocalServiceError';
}
