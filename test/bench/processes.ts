/** What the operating system says of a process. Linux by /proc, elsewhere by `ps`, whose times are whole seconds. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;
const KIB = 1024;

/** Seconds of CPU that the process has used since it began, all threads. */
export function cpuSecondsOf(pid: number): number {
  if (!existsSync(`/proc/${pid}/stat`)) return clockSeconds(ps(pid, 'time'));
  // The name of the program, in brackets, may hold blanks.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Bytes of memory that the process holds, and the most that it has held where the system remembers it. */
export function memoryOf(pid: number): { readonly residentBytes: number; readonly mostBytes: number } {
  if (!existsSync(`/proc/${pid}/status`)) {
    const residentBytes = Number(ps(pid, 'rss')) * KIB;
    return { residentBytes, mostBytes: residentBytes };
  }
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? Number.NaN);
  return { residentBytes: kib('VmRSS') * KIB, mostBytes: kib('VmHWM') * KIB };
}

function ps(pid: number, column: string): string {
  return execFileSync('ps', ['-o', `${column}=`, '-p', String(pid)], { encoding: 'utf8' }).trim();
}

/** "1:02.34", "01:02:03" or "2-01:02:03" */
function clockSeconds(text: string): number {
  const [days, clock] = text.includes('-') ? text.split('-') : ['0', text];
  const parts = (clock ?? '').split(':').map(Number);
  return Number(days) * 86_400 + parts.reduce((sum, part) => sum * 60 + part, 0);
}
