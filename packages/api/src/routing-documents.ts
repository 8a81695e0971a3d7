/** The documents of routing, for programs that may know the API and nothing else of ours: read as the worker reads them, and as JSON Schema. Pure. */
export { readRoutingFile, routingJsonSchema } from '@lockstep/domain/routing/routing-file.schema.ts';
