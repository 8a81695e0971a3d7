/** What a person sees while they wait: lines that stay, and one line that is rewritten where there is a terminal. */

export interface Console {
  say(line: string): void;
  /** Shows how far something is; the same text twice is shown once. */
  progress(line: string): void;
}

export function createConsole(output: NodeJS.WriteStream): Console {
  const startedMs = Date.now();
  let shown = '';
  const clear = (): void => {
    if (output.isTTY && shown !== '') output.write('\r\u001B[2K');
    shown = '';
  };
  return {
    say(line) {
      clear();
      output.write(`${line}\n`);
    },
    progress(line) {
      if (line === shown) return;
      const timed = `[${((Date.now() - startedMs) / 1_000).toFixed(0).padStart(3)} s] ${line}`;
      if (output.isTTY) {
        clear();
        output.write(timed.slice(0, output.columns - 1));
      } else output.write(`${timed}\n`);
      shown = line;
    },
  };
}
