/**
 * Watching the plan's file. The folder is watched, not the file: editors save by putting another file in its place.
 */
import { realpathSync, statSync, unwatchFile, watch, watchFile as pollFile } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { basename, dirname } from 'node:path';

/** An editor's save is several events; the file is looked at when they have stopped for this long. */
const QUIET_MS = 150;
/** Where the system cannot watch a folder (network drives, too many watches). */
const POLL_MS = 2_000;

/** Calls `onChange` when the file was changed, replaced, removed or put back, once for a burst of events. Returns how to stop. */
export function watchFile(path: string, onChange: () => void, quietMs = QUIET_MS): () => void {
  let timer: NodeJS.Timeout | null = null;
  let last = fingerprint(path);
  let stopped = false;
  const settle = (): void => {
    timer = null;
    const now = fingerprint(path);
    if (stopped || now === last) return;
    last = now;
    onChange();
  };
  const touched = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(settle, quietMs);
  };
  const stops = [...new Set([path, targetOf(path)])].map((file) => watchFolder(file, touched));
  return () => {
    stopped = true;
    if (timer !== null) clearTimeout(timer);
    for (const stop of stops) stop();
  };
}

/** Where a symbolic link leads: its file is edited there. */
function targetOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function watchFolder(path: string, touched: () => void): () => void {
  const name = basename(path);
  let poll = false;
  const startPolling = (): void => {
    if (poll) return;
    poll = true;
    pollFile(path, { interval: POLL_MS, persistent: false }, touched);
  };
  let watcher: FSWatcher | null = null;
  try {
    watcher = watch(dirname(path), { persistent: false }, (_event, changed) => {
      if (changed === null || changed === name) touched();
    });
    watcher.on('error', () => {
      watcher?.close();
      startPolling();
      touched();
    });
  } catch {
    startPolling();
  }
  return () => {
    watcher?.close();
    if (poll) unwatchFile(path, touched);
  };
}

/** What tells one state of the file from another without reading it. */
function fingerprint(path: string): string {
  try {
    const { ino, size, mtimeNs } = statSync(path, { bigint: true });
    return `${ino} ${size} ${mtimeNs}`;
  } catch {
    return 'absent';
  }
}
