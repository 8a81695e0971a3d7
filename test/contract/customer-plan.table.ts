/**
 * The dependencies of the customer's 36 rows, held against the file by a person, row by row: what a phrase names beyond doubt, and the words that stay
 * words. "Messaging matrix" is the title of a deliverable, word for word; "discovery interviews", "customer interviews", "Ava/Persana" and "pillar #1" are
 * the words of one earlier task. Close and yet not beyond doubt: "ICP hypothesis" (before the ICP definition, not it), "positioning" (one word), "CRM live"
 * (which of three), "Content calendar 2×" (a second one), "Tier 1 playbook" (the plan has tiers 2 and 3), "audit trail in place" (a later row).
 */
export interface CheckedRow {
  readonly task: string;
  /** Kind and title of what must be done first. */
  readonly on: readonly string[];
  readonly kept: readonly string[];
}

const words = (task: string, ...kept: readonly string[]): CheckedRow => ({ task, on: [], kept });

export const DEPENDENCIES: readonly CheckedRow[] = [
  words('Define growth model (PLG/SLG/ALG mix)', 'Board goal setting'),
  words('Customer discovery interviews (20)', 'ICP hypothesis'),
  { task: 'Competitive positioning workshop', on: ['task: Customer discovery interviews (20)'], kept: [] },
  words('Define PQL scoring algorithm', 'Product telemetry baseline'),
  {
    task: 'Build messaging matrix (1 problem, 1 outcome, 3 proofs per persona)',
    on: ['task: Customer discovery interviews (20)'],
    kept: ['positioning'],
  },
  { task: 'Create content calendar (Q1)', on: ['deliverable: Messaging Matrix'], kept: [] },
  words('Configure CRM + MAP integrations', 'Budget approved', 'tools selected'),
  words('Set up RevOps dashboard (pipeline, CAC, NRR, churn)', 'Analytics tool', 'CRM'),
  words('Configure Artisan Ava or Persana AI', 'CRM live', 'ICP segmented'),
  { task: 'Build prospect research playbook (for AI SDR)', on: ['task: Configure Artisan Ava or Persana AI'], kept: [] },
  words('Create welcome email series (5 emails)', 'Messaging locked'),
  words('Deploy in-app guided tour (AI co-pilot)', 'Product chat tool selected (Intercom/Drift/custom)'),
  words('Publish pillar blog #1 (2K+ words, SEO-optimized)', 'Topic', 'outline from calendar'),
  words('Set up email coaching (Lavender or Gong)', 'Lavender/Gong license'),
  { task: 'Create MEDDIC sales playbook', on: ['deliverable: Messaging Matrix'], kept: ['messaging template'] },
  words('Launch weekly PDCA loop (Growth + Sales + RevOps)', 'Team onboarded'),
  words('Close first 10 customers (mix of inbound, outbound, PLG)', 'All Phase 1 GTM live'),
  words('Build forecast model (baseline)', '3 months of pipeline data'),
  words('Scale outbound to 2000+ contacts (via Ava/Persana)', 'Phase 1 sequences working', 'volumes validated'),
  words('Build SMB + Enterprise playbooks (tier-specific)', 'Tier 1 playbook validated'),
  {
    task: 'Launch 2nd pillar asset (webinar + 3 supporting blogs)',
    on: ['task: Publish pillar blog #1 (2K+ words, SEO-optimized)'],
    kept: ['feedback'],
  },
  words('Implement marketing automation (segmented nurture flows)', 'Lead scoring', 'segmentation logic'),
  words('Launch AI SDR agent (Ava full autonomy: 80% of outbound)', 'Sequences proven', 'approval process documented'),
  words('Configure Gong conversation intelligence + AI coaching', 'Gong license', 'call access'),
  words('Set up QBR program (for top 20 enterprise accounts)', 'Top accounts identified', 'CSM assigned'),
  words('Implement territory planning + quota setting', 'Revenue model updated'),
  words('Reach 50–100 customers (goal: LTVCAC ≥ 3:1)', 'All Phase 2 playbooks live'),
  words('Implement multi-touch attribution (pipeline per channel)', 'CRM', 'MAP', 'analytics integration'),
  words(
    'Implement AI-driven personalization (landing pages, emails, proposals)',
    'Content library 100+ assets',
    'personalization engine TBD',
  ),
  words(
    'Deploy multi-agent orchestration (prospecting, qualification, expansion agents)',
    'Single AI agent working well',
    'audit trail in place',
  ),
  words('Scale content to 8+ pillar assets + 60+ supporting blogs', 'Content calendar 2×', 'writers hired'),
  words('Implement churn prevention model (predict, intervene, recover)', 'Retention data clean', '6+ months of behavior history'),
  words('Build customer community & referral program', '50+ customers on-boarded', 'NPS 50+'),
  words('Achieve enterprise motion maturity (multi-vertical expansion)', 'Top 10 accounts established', 'playbooks validated'),
  words('Implement audit trail + compliance for autonomous agents', 'AI agents producing >1K actions/week'),
  words('Scale go-to-market team (leads, specialists, managers)', '30+ employees', 'growth proven'),
];
