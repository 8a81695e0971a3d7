/** Jira's own errors: `{errorMessages, errors}` with a status. Source: ErrorCollection of the REST v3 contract. */
export class JiraError extends Error {
  override readonly name = 'JiraError';
  readonly status: number;
  readonly errorMessages: readonly string[];
  readonly errors: Readonly<Record<string, string>>;

  constructor(status: number, errorMessages: readonly string[], errors: Readonly<Record<string, string>> = {}) {
    super([...errorMessages, ...Object.values(errors)].join(' '));
    this.status = status;
    this.errorMessages = errorMessages;
    this.errors = errors;
  }

  /** The body that Jira answers with. */
  body(): { errorMessages: readonly string[]; errors: Readonly<Record<string, string>> } {
    return { errorMessages: this.errorMessages, errors: this.errors };
  }
}

export const issueMissing = (): JiraError => new JiraError(404, ['Issue does not exist or you do not have permission to see it.']);
export const badRequest = (message: string): JiraError => new JiraError(400, [message]);
export const fieldErrors = (errors: Readonly<Record<string, string>>): JiraError => new JiraError(400, [], errors);
