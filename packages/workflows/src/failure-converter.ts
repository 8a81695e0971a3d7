import { DefaultFailureConverter } from '@temporalio/common';

/** Puts messages and stacks of failures into the encoded payload, so that no history shows them in the clear (law C12). Named by path in every client and worker. */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
