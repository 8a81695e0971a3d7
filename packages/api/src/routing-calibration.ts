/** What a score is worth, for programs that may know the API and nothing else of ours. Pure: it needs no worker, no network and no database. */
export { calibrate } from '@lockstep/domain/routing/calibrate.ts';
export { STAGES } from '@lockstep/domain/routing/calibrate.schema.ts';
export { readOutcomes, withinHorizon } from '@lockstep/domain/routing/outcomes.ts';
export { rateOf, ruleRates } from '@lockstep/domain/routing/rule-rates.ts';
export { outcomeRowsOf, readStages, scoredBefore } from '@lockstep/domain/routing/stage-outcomes.ts';
export type { Calibration, Figures, TierCalibration } from '@lockstep/domain/routing/calibrate.ts';
export type { OutcomeRow, Stage } from '@lockstep/domain/routing/calibrate.schema.ts';
export type { CsvRow } from '@lockstep/domain/routing/outcomes.ts';
export type { Rate, RuleRate } from '@lockstep/domain/routing/rule-rates.ts';
export type { AccountScore } from '@lockstep/domain/routing/stage-outcomes.ts';
export type { Tier } from '@lockstep/domain/routing/tier.ts';
