/** How to print for the reader at hand: colours only where a terminal shows them and NO_COLOR does not forbid them. */
export interface Terminal {
  readonly interactive: boolean;
  readonly columns: number;
  readonly style: (style: Style, text: string) => string;
  /** Prints a line that stays. */
  readonly line: (text?: string) => void;
  /** Replaces the line that shows what is going on; nothing without a terminal. */
  readonly progress: (text: string) => void;
}

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

const codes: Readonly<Record<Style, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
};

/** A terminal on a stream. `plain` forces plain lines, whatever the stream is. */
export function terminalOn(stream: NodeJS.WriteStream, plain = false): Terminal {
  const interactive = !plain && stream.isTTY && process.env['TERM'] !== 'dumb';
  const coloured = interactive && !process.env['NO_COLOR'];
  const columns = stream.columns ?? 100;
  let shown = false;
  const clear = (): void => {
    if (shown) stream.write('\r\x1b[2K');
    shown = false;
  };
  return {
    interactive,
    columns,
    style: (style, text) => (coloured ? `\x1b[${codes[style][0]}m${text}\x1b[${codes[style][1]}m` : text),
    line: (text = '') => {
      clear();
      stream.write(`${text}\n`);
    },
    progress: (text) => {
      if (!interactive) return;
      clear();
      if (text === '') return;
      stream.write(text.length > columns - 1 ? `${text.slice(0, columns - 2)}…` : text);
      shown = true;
    },
  };
}

/** A length of time as people say it: 0.4 s, 12 s, 3 min 5 s, 2 h 4 min, 3 d 2 h. */
export function duration(milliseconds: number): string {
  if (milliseconds < 9_950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** Rows as aligned columns, the first row as heading. Widths count characters, so style cells after this. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)));
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
