/** Plain JSON, as it crosses the database, Temporal and HTTP. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
