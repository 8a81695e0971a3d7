/**
 * Temporal's SDK follows every promise of the process that has once run workflows in its own thread, to answer the query `__stack_trace`, and never stops: each
 * promise of every later test file compiles a function twice. A third of the processor's work of the tests went there, and no test asks for that stack.
 * Workers of other processes, as people run them, follow the promises of their own threads as ever.
 */
import { promiseHooks } from 'node:v8';

Object.assign(promiseHooks, { createHook: () => () => undefined });
