/** Refusals in Salesforce's words: a list for a whole request, an entry for one record of a collection. Source: vendor-apis.md 4, "errors". */

export interface RecordError {
  readonly statusCode: string;
  readonly message: string;
  readonly fields: readonly string[];
}

export class SalesforceError extends Error {
  readonly status: number;
  readonly errorCode: string;
  /** Null: the refusal has no such member. */
  readonly fields: readonly string[] | null;

  constructor(status: number, errorCode: string, message: string, fields: readonly string[] | null = null) {
    super(message);
    this.status = status;
    this.errorCode = errorCode;
    this.fields = fields;
  }

  /** The body that Salesforce answers with. */
  body(): readonly object[] {
    return [{ message: this.message, errorCode: this.errorCode, ...(this.fields === null ? {} : { fields: this.fields }) }];
  }

  /** The same for one record of a collection. */
  forRecord(): RecordError {
    return { statusCode: this.errorCode, message: this.message, fields: this.fields ?? [] };
  }
}

export const badRequest = (errorCode: string, message: string, fields: readonly string[] | null = null): SalesforceError =>
  new SalesforceError(400, errorCode, message, fields);

export const notFound = (message = 'The requested resource does not exist'): SalesforceError =>
  new SalesforceError(404, 'NOT_FOUND', message);

export const isDeleted = (): SalesforceError => new SalesforceError(404, 'ENTITY_IS_DELETED', 'entity is deleted', []);

export const noSuchRecord = (): SalesforceError =>
  new SalesforceError(404, 'INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id', []);

export const malformedId = (id: string, field = 'Id'): SalesforceError => badRequest('MALFORMED_ID', `malformed id ${id}`, [field]);

export const unknownColumn = (name: string, object: string): SalesforceError =>
  badRequest('INVALID_FIELD', `No such column '${name}' on sobject of type ${object}`);

export const unreadable = (message: string): SalesforceError => badRequest('JSON_PARSER_ERROR', message);

export const noSession = (): SalesforceError => new SalesforceError(401, 'INVALID_SESSION_ID', 'Session expired or invalid');
