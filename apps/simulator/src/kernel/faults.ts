/**
 * Faults that a test can ask for. A fault matches requests, by route, by account, always, for a while or by rate (seeded); what it does is what networks
 * and vendors do: refuse, answer late, lose the request, lose or cut the answer after the work was done (the unknown outcome), refuse rows of a batch,
 * or let a person write in between.
 */
import { z } from 'zod';
import type { Clock } from './clock.ts';
import type { FaultLog } from './fault-log.ts';
import { seededRandom } from './seeded-random.ts';
import { TOOLS } from './vendor.ts';

function isPattern(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}

const pattern = z.string().refine(isPattern, 'expected a regular expression');

const actionSchema = z.discriminatedUnion('kind', [
  /** Answer this instead of asking the vendor. */
  z.strictObject({
    kind: z.literal('answer'),
    status: z.number().int(),
    headers: z.record(z.string(), z.string()).default({}),
    body: z.unknown().optional(),
  }),
  /** Refuse with the vendor's own words for "too many calls" (or "overloaded": 529, 503). Without seconds no header says how long to wait. */
  z.strictObject({
    kind: z.literal('throttle'),
    status: z.union([z.literal(429), z.literal(503), z.literal(529)]).default(429),
    retryAfterSeconds: z.number().int().min(0).nullable().default(null),
  }),
  /** Refuse the credentials, as if the token had run out or consent had been taken back. */
  z.strictObject({ kind: z.literal('unauthorized'), cause: z.enum(['expired', 'revoked']) }),
  /** Close the connection before anything happened. */
  z.strictObject({ kind: z.literal('lose-request') }),
  /** Do the work, then close the connection. */
  z.strictObject({ kind: z.literal('lose-answer') }),
  /** Do the work, send half of the answer's body, then close the connection. */
  z.strictObject({ kind: z.literal('cut') }),
  /** Do the work, wait, then answer. */
  z.strictObject({ kind: z.literal('delay'), ms: z.number().int().min(0) }),
  /** Do the work and keep the answer back until the fault is released (`DELETE /_simulator/faults`). */
  z.strictObject({ kind: z.literal('hold') }),
  /** Refuse the rows of a batch in whose JSON this pattern is found; the vendor does the others. Only where the tool has batches. */
  z.strictObject({ kind: z.literal('partial'), rows: pattern, message: z.string().default('refused by the simulator') }),
  /** Do the work, then send this request to the same tool, as the person whose headers it has, before the answer leaves. */
  z.strictObject({
    kind: z.literal('edit-between'),
    request: z.strictObject({
      method: z.enum(['POST', 'PUT', 'PATCH', 'DELETE']),
      path: z.string().startsWith('/'),
      headers: z.record(z.string(), z.string()),
      body: z.unknown().optional(),
    }),
  }),
]);

export const faultSchema = z.strictObject({
  tool: z.enum(TOOLS),
  /** All that is given must match; `path` is a regular expression over path and query, `account` a text within the decoded credentials. */
  match: z.strictObject({ method: z.string().optional(), path: pattern.optional(), account: z.string().min(1).optional() }).default({}),
  /** Let this many matching requests pass first. */
  skip: z.number().int().min(0).default(0),
  /** How many requests it meets. Left out: one, or any number where `rate` or `forMs` is given. */
  times: z.union([z.number().int().min(1), z.literal('always')]).optional(),
  /** The share of matching requests that it meets, drawn from `seed`. */
  rate: z.number().gt(0).max(1).optional(),
  seed: z.number().int().optional(),
  /** Ends by itself after this long by the simulator's clock. */
  forMs: z.number().int().min(1).optional(),
  action: actionSchema,
});

export type Fault = z.infer<typeof faultSchema>;
export type FaultAction = Fault['action'];

export interface ActiveFault {
  readonly fault: Fault;
  /** Resolves when held answers are let go. */
  readonly released: Promise<void>;
}

export interface FaultyRequest {
  readonly tool: Fault['tool'];
  readonly method: string;
  readonly path: string;
  /** The `authorization` header. */
  readonly authorization?: string | undefined;
}

export interface Faults {
  add(fault: Fault): void;
  /** The first fault that matches, used up by one and put on the fault log; null where there is none. */
  take(request: FaultyRequest): ActiveFault | null;
  /** Ends all faults and lets held answers go. */
  clear(): void;
  /** How many faults are left, and how many requests are being held. */
  status(): { waiting: number; holding: number };
  /** Called by the kernel around a held answer. */
  hold(active: ActiveFault): Promise<void>;
}

interface Waiting {
  readonly fault: Fault;
  readonly random: () => number;
  readonly endsMs: number;
  left: number;
  skip: number;
}

export function createFaults(clock: Clock, log: FaultLog): Faults {
  let waiting: Waiting[] = [];
  let holding = 0;
  let gate = Promise.withResolvers<void>();
  const meets = (entry: Waiting, request: FaultyRequest): boolean => {
    if (!matches(entry.fault, request)) return false;
    if (entry.skip > 0) {
      entry.skip -= 1;
      return false;
    }
    return entry.fault.rate === undefined || entry.random() < entry.fault.rate;
  };
  const current = (): Waiting[] => {
    waiting = waiting.filter(({ left, endsMs }) => left > 0 && endsMs > clock.nowMs());
    return waiting;
  };
  return {
    add: (fault) => {
      const isLasting = fault.times === 'always' || (fault.times === undefined && (fault.rate !== undefined || fault.forMs !== undefined));
      const left = isLasting ? Infinity : Number(fault.times ?? 1);
      const endsMs = fault.forMs === undefined ? Infinity : clock.nowMs() + fault.forMs;
      waiting.push({ fault, random: seededRandom(fault.seed ?? 1), endsMs, left, skip: fault.skip });
    },
    take: (request) => {
      const entry = current().find((candidate) => meets(candidate, request));
      if (entry === undefined) return null;
      entry.left -= 1;
      log.record({ tool: request.tool, fault: entry.fault.action.kind, method: request.method, path: request.path });
      return { fault: entry.fault, released: gate.promise };
    },
    clear: () => {
      waiting = [];
      gate.resolve();
      gate = Promise.withResolvers<void>();
    },
    status: () => ({ waiting: current().length, holding }),
    hold: async (active) => {
      holding += 1;
      await active.released;
      holding -= 1;
    },
  };
}

function matches({ tool, match }: Fault, request: FaultyRequest): boolean {
  return (
    tool === request.tool &&
    (match.method === undefined || match.method === request.method) &&
    (match.path === undefined || new RegExp(match.path).test(request.path)) &&
    (match.account === undefined || credentialsOf(request.authorization).includes(match.account))
  );
}

function credentialsOf(authorization = ''): string {
  return authorization.startsWith('Basic ') ? Buffer.from(authorization.slice(6), 'base64').toString('utf8') : authorization;
}
