/** Checkpoints that a log is held against: which of them count, and what they say of its roots. */
import type { SignedCheckpoint } from './audit.port.ts';
import type { AuditFinding } from './report.ts';

/** What is known of a checkpoint's signature. */
export type SignatureVerdict = 'good' | 'bad' | 'unknown-key' | 'unchecked';

export interface Anchors {
  /** Holds the checkpoints of this size against the roots that the log may have there: those in `roots`. Sizes must come in order. */
  compare(size: number, roots: readonly string[]): { readonly matched: string | null };
  /** Sizes that have a checkpoint, in order. */
  readonly sizes: readonly number[];
  /** Size of the greatest that matched; 0 for none. */
  readonly provenTo: number;
  readonly matching: number;
  findings(): readonly AuditFinding[];
}

export function anchors(checkpoints: readonly SignedCheckpoint[], verdictOf: (checkpoint: SignedCheckpoint) => SignatureVerdict): Anchors {
  const workspaceId = checkpoints[0]?.workspaceId;
  const refused: AuditFinding[] = [];
  const counting = checkpoints.filter((checkpoint) => {
    const finding = checkpoint.workspaceId === workspaceId ? unsigned(checkpoint, verdictOf(checkpoint)) : foreign(checkpoint);
    if (finding !== null) refused.push(finding);
    return finding === null;
  });
  const bySize = Map.groupBy(counting, ({ size }) => size);
  const sizes = [...bySize.keys()].toSorted((left, right) => left - right);
  const broken: { readonly checkpoint: SignedCheckpoint; readonly provenTo: number }[] = [];
  let provenTo = 0;
  let matching = 0;
  return {
    sizes,
    get provenTo() {
      return provenTo;
    },
    get matching() {
      return matching;
    },
    compare(size, roots) {
      const here = bySize.get(size) ?? [];
      const matched = here.find(({ root }) => roots.includes(root))?.root ?? null;
      matching += here.filter(({ root }) => root === matched).length;
      const [other] = here.filter(({ root }) => root !== matched);
      if (other !== undefined) broken.push({ checkpoint: other, provenTo });
      if (matched !== null) provenTo = size;
      return { matched };
    },
    findings: () => [...refused, ...histories(broken, provenTo)],
  };
}

function unsigned({ size, keyId }: SignedCheckpoint, verdict: SignatureVerdict): AuditFinding | null {
  if (verdict === 'good' || verdict === 'unchecked') return null;
  const got = verdict === 'unknown-key' ? 'one whose key is not among the keys given' : 'another signature';
  return {
    kind: 'signature',
    from: null,
    to: null,
    message: `checkpoint of ${size} entries: expected a signature by key ${keyId}, got ${got}`,
  };
}

function foreign({ size }: SignedCheckpoint): AuditFinding {
  return {
    kind: 'foreign',
    from: null,
    to: null,
    message: `checkpoint of ${size} entries: expected one workspace, got another one's checkpoint`,
  };
}

/** One finding for the first checkpoint that the log does not have: those after it follow from it. */
function histories(
  broken: readonly { readonly checkpoint: SignedCheckpoint; readonly provenTo: number }[],
  provenTo: number,
): readonly AuditFinding[] {
  const [first] = broken;
  if (first === undefined) return [];
  const { size, at } = first.checkpoint;
  const from = Math.min(first.provenTo, size - 1);
  const which = `entries ${from} to ${size - 1}`;
  // What the log shows was signed as well: there are two histories with good signatures.
  return provenTo >= size
    ? [
        {
          kind: 'forked',
          from,
          to: size - 1,
          message: `${which}: expected the root of the checkpoint of ${size} entries (${at}), got that of another signed history, which this log goes on with`,
        },
      ]
    : [
        {
          kind: 'rewritten',
          from,
          to: size - 1,
          message: `${which}: expected those that the checkpoint of ${size} entries (${at}) has signed, got others`,
        },
      ];
}
