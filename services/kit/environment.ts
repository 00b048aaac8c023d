import { readFileSync } from 'node:fs';

/** The environment of a service is wrong; all that is wrong with it, one line each. */
export class EnvironmentError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'EnvironmentError';
    this.problems = problems;
  }
}

/** Reads settings one by one. What is wrong is collected, not thrown, so that a start reports everything at once. */
export interface SettingsReader {
  /** Text; required unless there is a fallback. */
  text(name: string, fallback?: string): string;
  /** Text that may be left out. */
  optional(name: string): string | undefined;
  /** A secret, from the variable itself or from the file that NAME_FILE names. */
  secret(name: string): string | undefined;
  /** A secret without which the service cannot run. */
  requiredSecret(name: string): string;
  /** A longer text that is no secret, from the variable itself or from the file that NAME_FILE names. */
  document(name: string): string | undefined;
  integer(name: string, fallback: number, least?: number, most?: number): number;
  /** on, true, 1, yes, or the opposite. */
  flag(name: string, fallback: boolean): boolean;
  choice<Choice extends string>(name: string, choices: readonly Choice[], fallback: Choice): Choice;
  /** Pairs written as `name=value,other=value`. */
  pairs(name: string): readonly (readonly [name: string, value: string])[];
  /** Records something that is wrong, for a check of the service's own. */
  refuse(problem: string): void;
}

/** What was read, and every secret among it, for the log to hide. */
export interface Settings<Values> {
  readonly values: Values;
  readonly secrets: readonly string[];
}

/** Reads all settings of a service or throws one error with everything that is wrong. SIDE EFFECTS: reads files. */
export function readSettings<Values>(
  env: Readonly<Record<string, string | undefined>>,
  read: (from: SettingsReader) => Values,
): Settings<Values> {
  const problems: string[] = [];
  const secrets: string[] = [];
  // An empty variable counts as left out: that is how templates and compose files write "none".
  const given = (name: string): string | undefined => (env[name] === '' ? undefined : env[name]);

  const document = (name: string): string | undefined => {
    const file = given(`${name}_FILE`);
    const direct = given(name);
    if (file !== undefined && direct !== undefined) {
      problems.push(`${name} and ${name}_FILE are both set; set one`);
      return undefined;
    }
    return file === undefined ? direct : readNamedFile(name, file, problems);
  };

  const secret = (name: string): string | undefined => {
    const value = document(name);
    if (value !== undefined) secrets.push(value, ...secretPartsOf(value));
    return value;
  };

  const values = read({
    text: (name, fallback) => {
      const value = given(name) ?? fallback;
      if (value === undefined) problems.push(`${name} is not set`);
      return value ?? '';
    },
    optional: given,
    document,
    secret,
    requiredSecret: (name) => {
      const before = problems.length;
      const value = secret(name);
      if (value === undefined && problems.length === before) {
        problems.push(`neither ${name} nor ${name}_FILE is set`);
      }
      return value ?? '';
    },
    integer: (name, fallback, least = 0, most = Number.MAX_SAFE_INTEGER) => {
      const text = given(name);
      if (text === undefined) return fallback;
      const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
      if (value >= least && value <= most) return value;
      problems.push(`${name} is "${text}", not a whole number from ${least} to ${most}`);
      return fallback;
    },
    flag: (name, fallback) => {
      const text = given(name)?.toLowerCase();
      if (text === undefined) return fallback;
      if (['on', 'true', '1', 'yes'].includes(text)) return true;
      if (['off', 'false', '0', 'no'].includes(text)) return false;
      problems.push(`${name} is "${text}", neither on nor off`);
      return fallback;
    },
    choice: (name, choices, fallback) => {
      const text = given(name);
      if (text === undefined) return fallback;
      const choice = choices.find((each) => each === text);
      if (choice === undefined) problems.push(`${name} is "${text}", none of ${choices.join(', ')}`);
      return choice ?? fallback;
    },
    pairs: (name) =>
      (given(name) ?? '')
        .split(',')
        .filter((part) => part.trim() !== '')
        .map((part) => {
          const at = part.indexOf('=');
          const [key, value] = [part.slice(0, at).trim(), part.slice(at + 1).trim()];
          if (at < 1 || value === '') problems.push(`${name} has "${part.trim()}", not name=value`);
          return [key, value] as const;
        }),
    refuse: (problem) => void problems.push(problem),
  });

  if (problems.length > 0) throw new EnvironmentError(problems);
  return { values, secrets };
}

/** Reads settings at the start of a service; prints what is wrong and ends the process with exit code 2. */
export function settingsOrExit<Values>(
  service: string,
  read: (from: SettingsReader) => Values,
): Settings<Values> {
  try {
    return readSettings(process.env, read);
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    const count = error.problems.length;
    const list = error.problems.map((problem) => `  ${problem}`).join('\n');
    process.stderr.write(
      `${service} does not start: ${count} error(s) in its environment\n${list}\n` +
        'fix: correct these variables and start it again; docs/services.md lists them all\n',
    );
    process.exit(2);
  }
}

/** What is secret inside a URL that is secret as a whole: messages often name only a part of it. */
function secretPartsOf(value: string): string[] {
  if (!/^[a-z+]+:\/\//.test(value) || !URL.canParse(value)) return [];
  const { password, pathname, searchParams } = new URL(value);
  // Providers of nodes put their keys into the path or the query.
  const keys = [...pathname.split('/'), ...searchParams.values()].filter((part) => part.length >= 16);
  return password === '' ? keys : [decodeURIComponent(password), ...keys];
}

function readNamedFile(name: string, file: string, problems: string[]): string | undefined {
  try {
    const value = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
    if (value !== '') return value;
    problems.push(`${name}_FILE names ${file}, which is empty`);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    problems.push(`${name}_FILE names ${file}, which cannot be read (${reason})`);
  }
  return undefined;
}
