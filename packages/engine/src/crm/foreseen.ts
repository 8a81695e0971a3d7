/** What records will show once the earlier steps of the same set have run: pure. */
import { recordKey } from '@lockstep/domain/crm/change-set.ts';
import type { CrmValue, Image } from '@lockstep/domain/crm/change-set.ts';
import type { ResolvedOperation } from '@lockstep/domain/crm/crm.port.ts';

/** Goes through the steps in order: each sees what those before it leave. */
export class Foreseen {
  private readonly fields = new Map<string, Map<string, CrmValue>>();
  private readonly presence = new Map<string, Image['presence']>();
  private readonly associated = new Map<string, boolean>();

  /** The image that the CRM shows, with what the steps so far change of it. */
  image(operation: ResolvedOperation, image: Image): Image {
    if (!('target' in operation)) return image;
    const key = recordKey(operation.target);
    const changed = this.fields.get(key);
    const fields = Object.fromEntries(
      Object.entries(image.fields).map(([name, value]) => [name, changed?.has(name) === true ? (changed.get(name) ?? null) : value]),
    );
    const isAssociated = 'association' in operation ? (this.associated.get(pairOf(operation)) ?? image.isAssociated) : undefined;
    return {
      ...image,
      fields,
      presence: this.presence.get(key) ?? image.presence,
      ...(isAssociated === undefined ? {} : { isAssociated }),
    };
  }

  /** Takes a step's effect in. */
  pass(operation: ResolvedOperation): void {
    if (!('target' in operation)) return;
    const key = recordKey(operation.target);
    if ('association' in operation) this.associated.set(pairOf(operation), operation.kind === 'associate');
    else if ('fields' in operation) {
      const fields = this.fields.get(key) ?? new Map<string, CrmValue>();
      for (const [name, value] of Object.entries(operation.fields)) fields.set(name, value);
      this.fields.set(key, fields);
    } else this.presence.set(key, operation.kind === 'archive' ? 'archived' : 'present');
  }
}

function pairOf(operation: Extract<ResolvedOperation, { association: unknown }>): string {
  const { to, label } = operation.association;
  return JSON.stringify([recordKey(operation.target), recordKey(to), label]);
}
