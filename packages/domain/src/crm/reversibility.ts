import type { Operation, OperationKind, Reversibility } from './change-set.ts';
import type { CrmObject } from './crm.port.ts';
import type { ApprovalPolicy } from './policy.schema.ts';
import { sensitivitiesOf } from './sensitivity.ts';
import type { Sensitivity } from './sensitivity.ts';

/** By kind of operation alone. An owner hears of it (B); what was created is archived again, under no other name (C). */
const BY_KIND: Readonly<Record<OperationKind, (object: CrmObject) => Reversibility>> = {
  'set-fields': () => 'A',
  'assign-owner': () => 'B',
  associate: () => 'A',
  dissociate: () => 'A',
  create: () => 'C',
  'create-task': () => 'C',
  archive: (object) => BY_RESTORE[object.restores],
  restore: () => 'A',
};

const BY_RESTORE: Readonly<Record<CrmObject['restores'], Reversibility>> = { 'same-id': 'A', 'new-id': 'C', never: 'D' };

const BY_FIELD: Readonly<Record<Sensitivity, Reversibility>> = { residue: 'B', irreversible: 'D', price: 'D', contract: 'D' };

/** How far an operation can be taken back: the worst of what its kind and the policy's fields say. Total; `object` is the one that it is about. */
export function reversibilityOf(operation: Operation, object: CrmObject, policy: ApprovalPolicy): Reversibility {
  const classes = [BY_KIND[operation.kind](object), ...[...sensitivitiesOf(operation, policy)].map((mark) => BY_FIELD[mark])];
  return classes.reduce((worst, one) => (one > worst ? one : worst));
}
