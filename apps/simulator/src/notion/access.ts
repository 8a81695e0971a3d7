/**
 * Who asks, in which version, and how often they may. Refusals come in the vendor's order: token, budget, version, capability.
 * Source: https://developers.notion.com/reference/request-limits, /reference/versioning, /reference/capabilities.
 */
import type { Context } from 'hono';
import { slidingWindow } from '../kernel/rate-limit.ts';
import type { RateLimit } from '../kernel/rate-limit.ts';
import type { VendorContext, VendorEnv } from '../kernel/vendor.ts';
import { invalid, NotionError, restricted, unauthorized } from './errors.ts';
import type { Actor, ApiVersion, Capability } from './model.ts';
import type { Workspace } from './workspace.ts';

export type NotionContext = Context<VendorEnv>;

/** A request that was let in. */
export interface Session {
  readonly actor: Actor;
  readonly version: ApiVersion;
}

/**
 * Lets a request in, or throws the vendor's refusal; names the operation in the trace.
 * @throws unauthorized, rate_limited, missing_version, validation_error, restricted_resource
 */
export type Enter = (c: NotionContext, operation: string, needs: Capability) => Session;

/** The plan's budget: not captured from the vendor, so a figure of this stand-in (see DIFFERENCES.md). */
const BUDGET = { calls: 180, windowMs: 60_000 };
const VERSIONS: readonly ApiVersion[] = ['2025-09-03', '2026-03-11'];

/** The entrance of all routes under /v1. */
export function entrance(context: VendorContext, workspace: Workspace): Enter {
  const budgets = new Map<string, RateLimit>();
  return (c, operation, needs) => {
    const token = /^Bearer (.+)$/.exec(c.req.header('authorization') ?? '')?.[1] ?? '';
    const connection = workspace.connections.get(token);
    const user = workspace.users.get(connection?.userId ?? '');
    if (connection === undefined || user === undefined || connection.isRevoked) throw unauthorized();
    c.env.trace.account = connection.account;
    c.env.trace.operation = operation;
    let budget = budgets.get(token);
    if (budget === undefined) budgets.set(token, (budget = slidingWindow(BUDGET.calls, BUDGET.windowMs)));
    if (context.rateLimits() === 'documented') spend(c, budget, context.clock.nowMs());
    const version = versionOf(c);
    if (!connection.capabilities.includes(needs)) throw restricted();
    return { actor: { id: user.id, type: user.type }, version };
  };
}

function spend(c: NotionContext, budget: RateLimit, nowMs: number): void {
  const verdict = budget.take(nowMs);
  if (verdict.allowed) return;
  c.header('Retry-After', String(Math.min(60, Math.max(1, Math.ceil(verdict.waitMs / 1_000)))));
  throw new NotionError(429, 'rate_limited', 'You have been rate limited. Please try again in a few minutes.', {
    rate_limit_reason: 'connection_rate_limit',
  });
}

function versionOf(c: NotionContext): ApiVersion {
  const given = c.req.header('notion-version');
  const should = 'Notion-Version header failed validation: Notion-Version header should be';
  if (given === undefined) throw new NotionError(400, 'missing_version', `${should} defined, instead was \`undefined\`.`);
  const version = VERSIONS.find((known) => known === given);
  if (version === undefined)
    throw invalid(`${should} ${VERSIONS.map((known) => `\`"${known}"\``).join(' or ')}, instead was \`"${given}"\`.`);
  return version;
}
