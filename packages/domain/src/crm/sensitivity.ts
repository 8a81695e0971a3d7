/** What a policy says of single fields. */
import type { Operation } from './change-set.ts';
import type { ApprovalPolicy, SensitiveField } from './policy.schema.ts';

export type Sensitivity = SensitiveField['as'];

/** Every mark that the policy puts on a field that the operation writes; none where it writes no fields. */
export function sensitivitiesOf(operation: Operation, policy: ApprovalPolicy): ReadonlySet<Sensitivity> {
  if (!('fields' in operation)) return new Set();
  const object = objectOf(operation);
  const names = Object.keys(operation.fields);
  return new Set(
    policy.fields.filter((mark) => isNamed(mark.object, object) && names.some((name) => isNamed(mark.field, name))).map((mark) => mark.as),
  );
}

/** The object that an operation is about, by the CRM's own name. */
export function objectOf(operation: Operation): string {
  return 'target' in operation ? operation.target.object : operation.object;
}

/** Whether a name fits a pattern of the policy, in which `*` stands for any run of characters; case does not matter. */
export function isNamed(pattern: string, name: string): boolean {
  const parts = pattern.toLowerCase().split('*');
  const text = name.toLowerCase();
  const first = parts[0] ?? '';
  const last = parts.at(-1) ?? '';
  if (parts.length === 1) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}
