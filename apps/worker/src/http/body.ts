/** Bodies of strangers: as they came, up to a limit and never beyond it. */

/** With what was not read to its end: the connection cannot be used again. */
export const CLOSE = { connection: 'close' } as const;

/** Nobody who sends to us compresses: a body that would have to be unpacked to be read is somebody else's, and may be a bomb. */
export function isPlain(encoding: string | undefined): boolean {
  return encoding === undefined || encoding.trim().toLowerCase() === 'identity';
}

/** The whole body. `broken off`: the sender has gone, or was cut off for being slow. */
export async function bodyOf(request: Request, mostBytes: number): Promise<Uint8Array | 'too large' | 'broken off'> {
  if (Number(request.headers.get('content-length') ?? 0) > mostBytes) return 'too large';
  if (request.body === null) return new Uint8Array();
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const part of request.body) {
      size += part.byteLength;
      if (size > mostBytes) return 'too large';
      parts.push(part);
    }
  } catch {
    return 'broken off';
  }
  return Buffer.concat(parts);
}
