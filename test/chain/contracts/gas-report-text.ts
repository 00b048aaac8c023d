/** One contract of the report. */
export interface MeasuredContract {
  readonly name: string;
  readonly source: string;
  /** Bytes of its code on the chain. */
  readonly size: number;
  /** Gas of its deployment; undefined where it was not deployed. */
  readonly deployment: bigint | undefined;
  /** Gas of each call, by function. */
  readonly calls: ReadonlyMap<string, readonly bigint[]>;
}

/** What the figures were taken with. */
export interface Instruments {
  readonly solc: string;
  readonly anvil: string;
}

const largestCode = 24_576; // EIP-170

/** The report as Markdown, the same for the same figures. */
export function gasReport(contracts: readonly MeasuredContract[], { solc, anvil }: Instruments): string {
  const sorted = contracts.toSorted((a, b) => (`${a.source} ${a.name}` < `${b.source} ${b.name}` ? -1 : 1));
  const table = sorted.map(({ name, source, size, deployment }) =>
    row(
      name,
      `\`${source}\``,
      number(size),
      share(size),
      deployment === undefined ? '–' : number(deployment),
    ),
  );
  return `# Gas report

Written by \`node test/chain/contracts/gas-report.ts\`; a test fails when it is not what the contracts need now.
solc ${solc}, optimizer with 200 runs, EVM version cancun; anvil ${anvil}. Each figure is the gas of a whole transaction.
A contract may have ${number(largestCode)} bytes of code (EIP-170). A dash: no scenario deploys it yet.

| contract | source | bytes | of the limit | deployment |
| --- | --- | --: | --: | --: |
${table.join('\n')}

${sorted
  .filter(({ calls }) => calls.size > 0)
  .map(functionTable)
  .join('\n')}`;
}

/** The middle one, or the lower of the two in the middle: a figure that was measured. */
export function median(figures: readonly bigint[]): bigint {
  const sorted = figures.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0n;
}

function functionTable({ name, calls }: MeasuredContract): string {
  const rows = [...calls]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([fn, figures]) => {
      const [least, most] = [reduce(figures, (a, b) => a < b), reduce(figures, (a, b) => a > b)];
      return row(`\`${fn}\``, number(least), number(median(figures)), number(most), number(figures.length));
    });
  return `## ${name}

| function | least | median | most | runs |
| --- | --: | --: | --: | --: |
${rows.join('\n')}
`;
}

function reduce(figures: readonly bigint[], better: (a: bigint, b: bigint) => boolean): bigint {
  return figures.reduce((best, figure) => (better(figure, best) ? figure : best));
}

function row(...cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function share(size: number): string {
  return `${((size / largestCode) * 100).toFixed(1)} %`;
}

function number(value: number | bigint): string {
  return value.toLocaleString('en-US');
}
