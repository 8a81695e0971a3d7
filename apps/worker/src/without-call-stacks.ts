/**
 * Started with `node --import` this file, a worker does not follow the promises of its workflows. Temporal's SDK follows each one, in every thread with workflows, and
 * writes down the stack of its making, to answer the query `__stack_trace`: a sixth of all that a worker with leads does. The query then answers with no stack;
 * what a workflow waits for is told by `lockstep status`, `why`, `crm show` and `pql explain` (docs/decisions/0025).
 */
import { promiseHooks } from 'node:v8';

Object.assign(promiseHooks, { createHook: () => () => undefined });
