/** What a text says as JSON; null where it is none, as where it says null. For input that a schema looks at next. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
