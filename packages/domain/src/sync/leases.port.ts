/** A lease with a fencing token, for what only one deployment may do at a time (K03). */
export interface Leases {
  /** Returns the fencing token, or null while another holder's lease has not expired. */
  acquire(name: string, holder: string, ttlMs: number, now: string): Promise<number | null>;
  renew(name: string, holder: string, token: number, ttlMs: number, now: string): Promise<boolean>;
  release(name: string, holder: string, token: number): Promise<void>;
  /** Who holds it, or null. The lease may have run out: `expiresAt` says so. */
  holder(name: string): Promise<LeaseHolder | null>;
}

export interface LeaseHolder {
  readonly holder: string;
  readonly since: string;
  readonly expiresAt: string;
}
