/** The port to whatever sends to people (an e-mail service, a dialer). Only `sendDue` calls it, so that nothing is sent that was not looked at in that instant. */
export interface Sender {
  /** @throws ConnectorError */
  send(message: DueSend): Promise<void>;
}

/** A send that is planned. Whom it is to, and in which words, lies with the sender. */
export interface DueSend {
  /** From business identity: the sender takes it once. */
  readonly key: string;
  /** The agent that sends. */
  readonly sentBy: string;
  /** Pseudonym of who gets it; the same in the suppression list. */
  readonly subject: string;
  readonly dueAt: string;
}

/** Our own list of those who have said STOP, or must not be contacted. It alone decides, whether the CRM is there or not (case 69). */
export interface SuppressionList {
  /** Which of these subjects may not be sent to. Strongly consistent: a STOP that was taken in is seen by the next call. */
  suppressed(subjects: readonly string[]): Promise<ReadonlySet<string>>;
}
