/** What may be left to be done in a trace: names of notes in the store. */

/** Records of the connection are marked to be read. */
export const markedTraces = (connectionId: string): string => `marked/${connectionId}`;

/** The connection is owed writes. */
export const owedTraces = (connectionId: string): string => `owed/${connectionId}`;

/** The workflow was started or woken. */
export const workflowTraces = (workflowId: string): string => `workflow/${workflowId}`;
