/** What people say of a lead that they close. `opportunity`: a sale is under way, and goes by its own record from here on. */
export const CLOSE_REASONS = ['won', 'lost', 'disqualified', 'opportunity'] as const;
export type CloseReason = (typeof CLOSE_REASONS)[number];
