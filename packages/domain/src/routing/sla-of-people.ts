/** Id of the service level of leads that no rule of the policy takes: a named person has them. Every file of service levels has it. */
export const SLA_OF_PEOPLE = 'escalated-hand-over';
