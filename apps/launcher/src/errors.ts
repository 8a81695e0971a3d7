/** The start cannot go on. The message says what, where, expected, got and what to do; it is shown without a stack. */
export class LaunchError extends Error {
  override readonly name = 'LaunchError';
}
