/** What `lockstep doctor` says about Slack. Reads only. */
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { Finding } from '@lockstep/domain/sync/connector.port.ts';
import type { SlackClient } from './client.ts';

const RUNBOOK = 'see docs/runbooks/connect-slack.md';

/** Without any one of them notices do not reach people, or are sent twice. */
export const NEEDED_SCOPES = ['chat:write', 'im:history', 'im:write', 'users:read', 'users:read.email'] as const;

export interface CheckedSlack {
  readonly client: SlackClient;
  /** The workspace that the configuration names; null: any. */
  readonly teamId: string | null;
  /** Null: nothing of ours that has buttons goes out by this token. */
  readonly hasSigningSecret: boolean | null;
}

/** Never rejects: what fails is a finding. */
export async function checkSlack({ client, teamId, hasSigningSecret }: CheckedSlack): Promise<readonly Finding[]> {
  const secret = hasSigningSecret === null ? [] : [secretFinding(hasSigningSecret)];
  try {
    const { teamId: ofToken, scopes } = await client.authTest();
    const missing = NEEDED_SCOPES.filter((scope) => !scopes.includes(scope));
    return [teamFinding(teamId, ofToken), scopeFinding(missing), ...secret];
  } catch (error) {
    const message = error instanceof ConnectorError ? error.message : 'expected an answer, got something else';
    return [{ level: 'error', subject: 'token', message, remedy: `check the bot token (xoxb-…) and baseUrl; ${RUNBOOK}` }, ...secret];
  }
}

function secretFinding(isThere: boolean): Finding {
  if (isThere) return { level: 'ok', subject: 'signing secret', message: 'configured' };
  const message = 'expected one, got none: every press of a button is refused';
  return { level: 'error', subject: 'signing secret', message, remedy: `take it from the app's Basic Information; ${RUNBOOK}` };
}

function teamFinding(expected: string | null, got: string): Finding {
  if (expected === null || expected === got) return { level: 'ok', subject: 'token', message: `accepted by the workspace ${got}` };
  const message = `expected the workspace ${expected}, got ${got}`;
  return { level: 'error', subject: 'token', message, remedy: `install the app in ${expected} and take the token from there; ${RUNBOOK}` };
}

function scopeFinding(missing: readonly string[]): Finding {
  if (missing.length === 0) return { level: 'ok', subject: 'scopes', message: 'all that are needed' };
  return {
    level: 'error',
    subject: 'scopes',
    message: `expected ${NEEDED_SCOPES.join(', ')}, got none of ${missing.join(', ')}`,
    remedy: `add them under OAuth & Permissions and install the app again; ${RUNBOOK}`,
  };
}
