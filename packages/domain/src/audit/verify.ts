/**
 * Verifies an exported audit log line by line, with nothing but the log, checkpoints and a way to check signatures: no server, no database, constant memory.
 *
 * Alone, a log shows damage: a flipped bit, an entry left out, put in or moved. That it has been cut or rewritten as a whole is seen only by checkpoints
 * that were kept elsewhere.
 */
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { anchors } from './anchors.ts';
import type { Anchors, SignatureVerdict } from './anchors.ts';
import type { SignedCheckpoint } from './audit.port.ts';
import { readExportedLine, statedLeaf } from './entry-text.ts';
import { bytesOf, EMPTY_EDGE, grown, hexOf, leafHashOf, rootOf } from './merkle.ts';
import type { Edge } from './merkle.ts';
import { MOST_FINDINGS } from './report.ts';
import type { AuditFinding, AuditReport } from './report.ts';
import { sequence } from './sequence.ts';

export interface VerifierParts {
  readonly checkpoints: readonly SignedCheckpoint[];
  readonly verdictOf: (checkpoint: SignedCheckpoint) => SignatureVerdict;
  /** Whether there are keys to check signatures by. */
  readonly signatures: AuditReport['signatures'];
}

export interface AuditVerifier {
  /** The next line, without its line end. `isText` is false where its bytes are not UTF-8, and `line` only resembles them. */
  line(line: string, isText?: boolean): void;
  end(): AuditReport;
}

export function auditVerifier(parts: VerifierParts): AuditVerifier {
  const checked = anchors(parts.checkpoints, parts.verdictOf);
  const order = sequence();
  const findings: AuditFinding[] = [];
  let workspaceId: string | null = parts.checkpoints[0]?.workspaceId ?? null;
  let entries = 0;
  const tree = growth(checked);

  return {
    line(line, isText = true) {
      entries += 1;
      const entry = isText ? readExportedLine(line) : null;
      if (entry === null) {
        findings.push(about('unreadable', order.expected, 'expected a line that an export writes, got another'));
        order.skip();
        const stated = statedLeaf(line);
        tree.grow(stated, stated);
        return;
      }
      const computed = hexOf(leafHashOf(utf8ToBytes(entry.canonical)));
      if (computed !== entry.leaf) {
        findings.push(about('altered', order.expected, 'expected the text that its leaf hash is of, got another'));
        // Its number is as little to be trusted as the rest of it.
        order.skip();
        tree.grow(entry.leaf, computed);
        return;
      }
      workspaceId ??= entry.workspaceId;
      if (entry.workspaceId !== workspaceId)
        findings.push(about('foreign', order.expected, `expected one of workspace ${workspaceId}, got one of another`));
      if (order.next(entry.seq)) tree.grow(computed, computed);
      else tree.grow(null, null);
    },
    end() {
      const longest = checked.sizes.at(-1) ?? 0;
      const all = [...findings, ...order.findings(), ...checked.findings(), ...cutTail(order.expected, longest)].toSorted(
        (left, right) => (left.from ?? -1) - (right.from ?? -1),
      );
      return {
        ok: all.length === 0,
        entries,
        root: tree.root(),
        provenTo: checked.provenTo,
        checkpoints: { given: parts.checkpoints.length, matching: checked.matching },
        signatures: parts.signatures,
        findings: all.slice(0, MOST_FINDINGS),
        more: Math.max(0, all.length - MOST_FINDINGS),
      };
    },
  };
}

interface Growth {
  /** The next leaf as the log states it and as its text has it; null for a leaf that is not known, after which nothing is compared any more. */
  grow(stated: string | null, computed: string | null): void;
  root(): string | null;
}

/** Two trees, by the leaf hashes that the log states and by those of its texts: where they differ, the next checkpoint tells which is right. */
function growth(checked: Anchors): Growth {
  const signed = new Set(checked.sizes);
  let edges: { readonly stated: Edge; readonly computed: Edge } | null = { stated: EMPTY_EDGE, computed: EMPTY_EDGE };
  const settled = (stated: Edge, computed: Edge): { readonly stated: Edge; readonly computed: Edge } => {
    const [left, right] = [hexRoot(stated), hexRoot(computed)];
    const { matched } = checked.compare(stated.size, [left, right]);
    if (matched === null) return { stated, computed };
    return matched === right ? { stated: computed, computed } : { stated, computed: stated };
  };
  return {
    grow(stated, computed) {
      if (edges === null || stated === null || computed === null) {
        edges = null;
        return;
      }
      const left = grown(edges.stated, [bytesOf(stated)]);
      const right = edges.stated === edges.computed && stated === computed ? left : grown(edges.computed, [bytesOf(computed)]);
      edges = signed.has(left.size) ? settled(left, right) : { stated: left, computed: right };
    },
    root: () => (edges === null ? null : hexRoot(edges.computed)),
  };
}

function about(kind: AuditFinding['kind'], seq: number, message: string): AuditFinding {
  return { kind, from: seq, to: seq, message: `entry ${seq}: ${message}` };
}

function cutTail(size: number, longest: number): readonly AuditFinding[] {
  if (longest <= size) return [];
  const message = `entries ${size} to ${longest - 1}: expected by the checkpoint of ${longest} entries, got a log that ends after ${size}`;
  return [{ kind: 'truncated', from: size, to: longest - 1, message }];
}

function hexRoot(edge: Edge): string {
  return hexOf(rootOf(edge));
}
