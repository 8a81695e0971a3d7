/** What the program's exit code means; documented in `lockstep --help`. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  notInStep: 3,
  unreachable: 4,
  refused: 5,
  notVerified: 6,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** For the end of the help. */
export const EXIT_CODES_HELP = `Exit codes:
  0  done
  1  failed: the message says what, where and what to do
  2  usage: the command line is not understood
  3  not in step, conflicts open, or plan not empty (with --check; sync and apply with --wait)
  4  unreachable: no worker answers
  5  refused: stale plan, threshold without --yes, or not possible in the present state
  6  not verified: the audit log is not what was signed, a backup not what was written, or a history does not replay with this code`;
