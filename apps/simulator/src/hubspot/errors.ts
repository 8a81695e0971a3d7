/** HubSpot's own errors: `{status: 'error', message, correlationId, category, …}`. Source: Error and StandardError of the SDK's models. */
import { randomUUID } from 'node:crypto';

interface ErrorDetail {
  readonly message: string;
  readonly code?: string;
  readonly in?: string;
  readonly context?: Readonly<Record<string, readonly string[]>>;
}

interface ErrorParts {
  readonly subCategory?: string;
  readonly errors?: readonly ErrorDetail[];
  readonly context?: Readonly<Record<string, readonly string[]>>;
  readonly links?: Readonly<Record<string, string>>;
}

export class HubSpotError extends Error {
  override readonly name = 'HubSpotError';
  readonly status: number;
  readonly category: string;
  readonly parts: ErrorParts;

  constructor(status: number, category: string, message: string, parts: ErrorParts = {}) {
    super(message);
    this.status = status;
    this.category = category;
    this.parts = parts;
  }

  /** The body that HubSpot answers with. */
  body(): object {
    return { status: 'error', message: this.message, correlationId: randomUUID(), ...this.parts, category: this.category };
  }

  /** The same inside a 207: one of its `errors`, with what tells the input. */
  standard(context: Readonly<Record<string, readonly string[]>>): object {
    return {
      status: 'error',
      category: this.category,
      ...(this.parts.subCategory === undefined ? {} : { subCategory: this.parts.subCategory }),
      message: this.message,
      errors: this.parts.errors ?? [],
      context: { ...this.parts.context, ...context },
      links: {},
    };
  }
}

/** A value that a property refuses. */
export interface InvalidValue {
  readonly name: string;
  readonly error:
    | 'PROPERTY_DOESNT_EXIST'
    | 'READ_ONLY_VALUE'
    | 'INVALID_OPTION'
    | 'INVALID_DATE'
    | 'INVALID_INTEGER'
    | 'INVALID_LENGTH'
    | 'INVALID_EMAIL';
  readonly message: string;
}

export const badRequest = (message: string, parts: ErrorParts = {}): HubSpotError =>
  new HubSpotError(400, 'VALIDATION_ERROR', message, parts);

export const invalidValues = (invalid: readonly InvalidValue[]): HubSpotError =>
  badRequest(
    `Property values were not valid: ${JSON.stringify(
      invalid.map(({ name, error, message }) => ({ isValid: false, message, error, name, localizedErrorMessage: message })),
    )}`,
    {
      errors: invalid.map(({ name, error, message }) => ({
        message,
        code: error,
        context: { propertyName: [name] },
      })),
    },
  );

export const missing = (id: string, noun = 'Object'): HubSpotError =>
  new HubSpotError(404, 'OBJECT_NOT_FOUND', `${noun} not found.  objectId are usually numeric.`, {
    subCategory: 'crm.objects.OBJECT_NOT_FOUND',
    context: { id: [id] },
  });

export const notFound = (): HubSpotError => new HubSpotError(404, 'NOT_FOUND', 'resource not found');
