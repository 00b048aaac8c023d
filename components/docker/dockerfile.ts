/** One instruction of a Dockerfile. */
export interface Instruction {
  /** Where it begins, from 1. */
  readonly line: number;
  /** In capitals: `FROM`. */
  readonly word: string;
  /** All behind the word, continued lines joined, without flags. */
  readonly rest: string;
  /** `--from=packages` as `{ from: 'packages' }`. */
  readonly flags: Readonly<Record<string, string>>;
}

/** A stage: what follows one FROM. */
export interface Stage {
  /** The image or stage that it begins with, arguments filled in. */
  readonly from: string;
  readonly line: number;
  readonly name: string | undefined;
  readonly instructions: readonly Instruction[];
}

/** A Dockerfile as its stages, and the arguments before the first. */
export interface Dockerfile {
  readonly args: readonly Instruction[];
  readonly stages: readonly Stage[];
}

/** Reads a Dockerfile. `buildArgs` are those that the build is given; they win over defaults. */
export function readDockerfile(text: string, buildArgs: Readonly<Record<string, string>> = {}): Dockerfile {
  const instructions = readInstructions(text);
  const first = instructions.findIndex(({ word }) => word === 'FROM');
  const args = instructions.slice(0, first === -1 ? instructions.length : first);
  const values = { ...defaultsOf(args), ...onlyDeclared(buildArgs, args) };
  const stages: Stage[] = [];
  for (const instruction of first === -1 ? [] : instructions.slice(first)) {
    const stage = stages.at(-1);
    if (instruction.word !== 'FROM') {
      if (stage !== undefined)
        stages[stages.length - 1] = { ...stage, instructions: [...stage.instructions, instruction] };
      continue;
    }
    const [from = '', as, name] = instruction.rest.split(/\s+/);
    stages.push({
      from: fillIn(from, values),
      line: instruction.line,
      name: as?.toUpperCase() === 'AS' ? name : undefined,
      instructions: [],
    });
  }
  return { args, stages };
}

function readInstructions(text: string): Instruction[] {
  const lines = text.split(/\r?\n/);
  const found: Instruction[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = at + 1;
    if (!isContent(lines[at])) continue;
    let whole = lines[at] ?? '';
    while (whole.endsWith('\\') && at + 1 < lines.length) {
      at++;
      // Comments and empty lines in the middle of an instruction do not end it.
      const next = lines[at] ?? '';
      whole = `${whole.slice(0, -1)} ${isContent(next) ? next.trim() : '\\'}`;
    }
    const documents = [...whole.matchAll(/<<-?["']?(\w+)["']?/g)].map(([, end]) => end);
    for (const end of documents) {
      at++;
      while (at < lines.length && lines[at]?.trim() !== end) whole += `\n${lines[at++]}`;
    }
    found.push(readInstruction(whole.trim(), line));
  }
  return found;
}

function isContent(line: string | undefined): boolean {
  return line !== undefined && /\S/.test(line) && !/^\s*#/.test(line);
}

function readInstruction(text: string, line: number): Instruction {
  const [, word = '', behind = ''] = /^(\S+)\s*([^]*)$/.exec(text) ?? [];
  let rest = behind.trim();
  const flags: Record<string, string> = {};
  for (let flag = readFlag(rest); flag !== null; flag = readFlag(rest)) {
    flags[flag[1] ?? ''] = flag[2] ?? '';
    rest = rest.slice(flag[0].length);
  }
  return { line, word: word.toUpperCase(), rest, flags };
}

function readFlag(text: string): RegExpExecArray | null {
  return /^--([a-z-]+)(?:=(\S*))?\s+/.exec(text);
}

/** `NAME=value` of ARG and ENV; without a value where the build gives it. */
export function readAssignments({ word, rest }: Instruction): [name: string, value: string | undefined][] {
  // The old way: ENV NAME value
  const old = /^(\w+)\s+(.+)$/.exec(rest);
  if (word === 'ENV' && old !== null && !/^\w+=/.test(rest)) return [[old[1] ?? '', old[2]]];
  return [...rest.matchAll(/(\w+)(?:=("[^"]*"|'[^']*'|\S*))?/g)].map(([, name = '', value]) => [
    name,
    value?.replace(/^(["'])([^]*)\1$/, '$2'),
  ]);
}

function defaultsOf(args: readonly Instruction[]): Record<string, string> {
  const given = args.filter(({ word }) => word === 'ARG').flatMap(readAssignments);
  return Object.fromEntries(given.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

/** Docker ignores arguments that the Dockerfile does not declare. */
function onlyDeclared(
  given: Readonly<Record<string, string>>,
  args: readonly Instruction[],
): Record<string, string> {
  const declared = new Set(args.flatMap(readAssignments).map(([name]) => name));
  return Object.fromEntries(Object.entries(given).filter(([name]) => declared.has(name)));
}

function fillIn(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(
    /\$\{(\w+)(?::-([^}]*))?\}|\$(\w+)/g,
    (_, braced?: string, other?: string, plain?: string) => {
      const value = values[braced ?? plain ?? ''];
      return value ?? other ?? '';
    },
  );
}
