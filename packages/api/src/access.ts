/**
 * Who may call which route: one table, and no check anywhere else of what an account may call. What an account may say for whom is the handlers' business.
 * A route that is missing here does not compile, and is refused by the worker.
 */
import * as replays from './replay-routes.ts';
import * as audit from './audit-routes.ts';
import * as changeSets from './change-set-routes.ts';
import * as redrives from './redrive-routes.ts';
import * as decisions from './replay-decide-routes.ts';
import * as routing from './routing-routes.ts';
import * as sync from './routes.ts';

/**
 * account: every token, of any role (people answer for their own leads). viewer: whoever may look. operator: whoever may run things. approver: whoever may
 * say yes or no to what others have asked for. sender: by a token of its own, see routing.events of the configuration. Operators and approvers may look.
 */
export type Access = 'account' | 'viewer' | 'operator' | 'approver' | 'sender';
export const ROLES = ['viewer', 'operator', 'approver'] as const;
export type Role = (typeof ROLES)[number];

const MODULES = { ...sync, ...changeSets, ...audit, ...routing, ...redrives, ...decisions, ...replays };
type RouteName = Extract<keyof typeof MODULES, `${string}Route`>;

const ACCESS: Readonly<Record<RouteName, Access>> = {
  statusRoute: 'viewer',
  planRoute: 'viewer',
  applyRoute: 'operator',
  syncRoute: 'operator',
  itemsRoute: 'viewer',
  findRoute: 'viewer',
  importRoute: 'operator',
  whyRoute: 'viewer',
  resyncRoute: 'operator',
  conflictsRoute: 'viewer',
  conflictRoute: 'viewer',
  resolveRoute: 'operator',
  pauseRoute: 'operator',
  resumeRoute: 'operator',
  doctorRoute: 'viewer',
  parkedRoute: 'viewer',
  redriveRoute: 'operator',
  redriveStandingRoute: 'viewer',
  planChangeSetRoute: 'operator',
  changeSetsRoute: 'viewer',
  changeSetRoute: 'viewer',
  applyChangeSetRoute: 'operator',
  approveChangeSetRoute: 'approver',
  rejectChangeSetRoute: 'approver',
  cancelChangeSetRoute: 'operator',
  rollbackRoute: 'operator',
  undoRunRoute: 'operator',
  auditRoute: 'viewer',
  auditCheckpointsRoute: 'viewer',
  auditConsistencyRoute: 'viewer',
  auditInclusionRoute: 'viewer',
  eventsRoute: 'sender',
  explainRoute: 'viewer',
  slaRoute: 'viewer',
  leadsRoute: 'viewer',
  pastLeadsRoute: 'viewer',
  contextRoute: 'viewer',
  scoresRoute: 'viewer',
  acceptLeadRoute: 'account',
  declineLeadRoute: 'account',
  snoozeLeadRoute: 'account',
  reassignLeadRoute: 'account',
  releaseLeadRoute: 'account',
  closeLeadRoute: 'account',
  // These two look at documents that are sent with them, and change nothing.
  checkRoute: 'viewer',
  redecideRoute: 'viewer',
  runReplayRoute: 'operator',
  replaysRoute: 'viewer',
  replayRoute: 'viewer',
  approveReplayRoute: 'approver',
  rejectReplayRoute: 'approver',
  pauseReplayRoute: 'operator',
  resumeReplayRoute: 'operator',
  stopReplayRoute: 'operator',
};

export interface GuardedRoute {
  readonly name: string;
  readonly method: string;
  /** As the server has it: `/v1/items/:itemId/why`. */
  readonly path: string;
  readonly access: Access;
}

/** Every route that needs a token. */
export const GUARDED_ROUTES: readonly GuardedRoute[] = (Object.keys(ACCESS) as RouteName[]).map((name) => ({
  name,
  method: MODULES[name].method.toUpperCase(),
  path: MODULES[name].path.replaceAll(/\{(\w+)\}/g, ':$1'),
  access: ACCESS[name],
}));

/** Routes that anybody may call. */
export const OPEN_PATHS: readonly string[] = ['/v1/health', '/v1/openapi.json'];

/** Whether an account of these roles may call what is so guarded. Senders are known in another way. */
export function mayCall(access: Access, roles: readonly Role[]): boolean {
  if (access === 'account') return true;
  if (access === 'viewer') return roles.length > 0;
  return access !== 'sender' && roles.includes(access);
}
