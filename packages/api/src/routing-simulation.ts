/** Past leads played by documents, for programs that may know the API and nothing else of ours. Pure: it needs no worker, no network and no database. */
export { fateOf, likenessOf, playPast, sumsOf } from '@lockstep/domain/routing/past-simulation.ts';
export type { FateSums, LeadFate, PastWorld, PlayedLeads } from '@lockstep/domain/routing/past-simulation.ts';
export type { PastLead } from '@lockstep/domain/routing/past-lead.ts';
export type { SimulationDocuments } from '@lockstep/domain/routing/simulation-request.ts';
