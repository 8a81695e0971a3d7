/**
 * Notion's error answers. Every refusal of the stand-in is one of these, so that a client sees exactly the
 * `{object:'error', status, code, message, request_id}` body of the vendor.
 * Source of codes and statuses: @notionhq/client 5.26 `APIErrorCode`; https://developers.notion.com/reference/status-codes (read 2026-11).
 */
import { randomUUID } from 'node:crypto';

/** The vendor's closed list of codes that this stand-in uses. */
export type NotionErrorCode =
  | 'unauthorized'
  | 'restricted_resource'
  | 'object_not_found'
  | 'rate_limited'
  | 'invalid_json'
  | 'invalid_request_url'
  | 'invalid_request'
  | 'missing_version'
  | 'validation_error'
  | 'conflict_error'
  | 'internal_server_error'
  | 'service_overload'
  | 'service_unavailable'
  | 'gateway_timeout';

/** A refusal that the HTTP layer turns into Notion's error body. */
export class NotionError extends Error {
  readonly status: number;
  readonly code: NotionErrorCode;
  readonly additionalData: Record<string, string> | undefined;

  constructor(status: number, code: NotionErrorCode, message: string, additionalData?: Record<string, string>) {
    super(message);
    this.name = 'NotionError';
    this.status = status;
    this.code = code;
    this.additionalData = additionalData;
  }
}

/** The JSON body of an error answer; `request_id` is new for every answer, as at the vendor. */
export function errorBody(error: NotionError, requestId: string = randomUUID()): Record<string, unknown> {
  return {
    object: 'error',
    status: error.status,
    code: error.code,
    message: error.message,
    ...(error.additionalData ? { additional_data: error.additionalData } : {}),
    request_id: requestId,
  };
}

/** 400 validation_error with a message of the caller's words. */
export function invalid(message: string): NotionError {
  return new NotionError(400, 'validation_error', message);
}

/** 404 for what does not exist and, indistinguishably, for what is not shared with the connection. */
export function notFound(
  kind: 'page' | 'block' | 'database' | 'data_source' | 'user' | 'comment' | 'property' | 'discussion',
  id: string,
): NotionError {
  const hint =
    kind === 'user' || kind === 'property' ? '' : ' Make sure the relevant pages and databases are shared with your integration.';
  return new NotionError(404, 'object_not_found', `Could not find ${kind} with ID: ${id}.${hint}`);
}

/** 400 for a route that the vendor (or this stand-in of it) does not have. */
export function invalidUrl(): NotionError {
  return new NotionError(400, 'invalid_request_url', 'Invalid request URL.');
}

/** 401 for a missing, unknown or revoked token. */
export function unauthorized(): NotionError {
  return new NotionError(401, 'unauthorized', 'API token is invalid.');
}

/** 403 for a connection that lacks the capability of the endpoint. */
export function restricted(): NotionError {
  return new NotionError(403, 'restricted_resource', 'Insufficient permissions for this endpoint.');
}

/** 400 when a page, block or data source that lies in the trash is edited. */
export function trashed(): NotionError {
  return invalid("Can't edit block that is archived. You must unarchive the block before editing.");
}
