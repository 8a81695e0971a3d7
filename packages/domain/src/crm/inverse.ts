import type { CreatedRef, Operation, Step, Target } from './change-set.ts';

/**
 * The operation that takes a step back, registered before the step runs (C2), from its before-image alone. Null where nothing can be or has to be taken
 * back: class D, no before-image, or a record that stood already as the step leaves it. Running it when the step never happened changes nothing: fields get
 * what they hold, and what a create would have made is named by its ordinal, under which there is nothing.
 */
export function inverseOf(step: Step): Operation | null {
  if (step.reversibility === 'D') return null;
  const { operation, before } = step;
  switch (operation.kind) {
    case 'create':
    case 'create-task':
      return { kind: 'archive', target: createdBy(step, operation) };
    case 'set-fields':
    case 'assign-owner': {
      const fields = Object.fromEntries(
        Object.keys(operation.fields).flatMap((name) => {
          const value = before?.fields[name];
          return value === undefined ? [] : [[name, value] as const];
        }),
      );
      return Object.keys(fields).length === 0 ? null : { kind: operation.kind, target: operation.target, fields };
    }
    case 'associate':
      return before?.isAssociated === false ? { kind: 'dissociate', target: operation.target, association: operation.association } : null;
    case 'dissociate':
      return before?.isAssociated === true ? { kind: 'associate', target: operation.target, association: operation.association } : null;
    case 'archive':
      return before?.presence === 'present' ? { kind: 'restore', target: operation.target } : null;
    case 'restore':
      return before?.presence === 'archived' ? { kind: 'archive', target: restoredBy(step, operation.target) } : null;
  }
}

function createdBy(step: Step, { connectionId, object }: { readonly connectionId: string; readonly object: string }): Target {
  const created: CreatedRef = { connectionId, object, createdBy: step.ordinal };
  return step.createdId === null ? created : { connectionId, object, recordId: step.createdId };
}

/** A record may come back under a new id (case 48). */
function restoredBy(step: Step, target: Target): Target {
  return step.createdId === null ? target : { connectionId: target.connectionId, object: target.object, recordId: step.createdId };
}
