/** What administrators forbid: validation rules, and locks for as long as they are held. Set under `/ui/settings` (README.md). */
import type { Documents } from '../kernel/database.ts';
import { SalesforceError } from './errors.ts';
import type { RefusalRule, SalesforceRecord, Values } from './model.ts';

interface Write {
  readonly on: RefusalRule['on'][number];
  readonly object: string;
  /** Null for a new record. */
  readonly record: SalesforceRecord | null;
  readonly set: Values;
}

export class Rules {
  private readonly documents: Documents;
  private readonly rules = new Map<string, RefusalRule>();

  constructor(documents: Documents) {
    this.documents = documents;
    for (const rule of documents.load('rule') as Iterable<RefusalRule>) this.rules.set(rule.id, rule);
  }

  list(): readonly RefusalRule[] {
    return [...this.rules.values()];
  }

  save(rule: RefusalRule): void {
    this.rules.set(rule.id, rule);
    this.documents.put('rule', rule.id, rule);
  }

  remove(id: string): void {
    this.rules.delete(id);
    this.documents.remove('rule', id);
  }

  /** Throws what the first rule that meets this write says, and counts it. */
  check(write: Write): void {
    const rule = this.list().find(
      (candidate) =>
        candidate.object === write.object &&
        candidate.on.includes(write.on) &&
        (candidate.recordId === null || candidate.recordId === write.record?.id) &&
        (candidate.field === null || write.set[candidate.field] !== undefined),
    );
    if (rule === undefined) return;
    if (rule.left !== null) {
      if (rule.left <= 1) this.remove(rule.id);
      else this.save({ ...rule, left: rule.left - 1 });
    }
    throw new SalesforceError(400, rule.errorCode, rule.message, rule.field === null ? [] : [rule.field]);
  }
}
