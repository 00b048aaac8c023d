import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { CutoverError } from '@cutover/base/errors.ts';
import { projectRoot } from '@cutover/base/project.ts';
import { readConfig, type CutoverConfig } from '../../infra/config.ts';

export const stacks = ['dev', 'staging', 'prod'] as const;
export type Stack = (typeof stacks)[number];
export type Values = Record<string, unknown>;

const parsed = new Map<Stack, Values>();

/** The blocks of a stack file as they are in the repository; a fresh copy each time. */
export function valuesOf(stack: Stack): Values {
  let values = parsed.get(stack);
  if (values === undefined) {
    const text = readFileSync(join(projectRoot, `Pulumi.${stack}.yaml`), 'utf8');
    values = (parse(text) as { config: Values }).config;
    parsed.set(stack, values);
  }
  return structuredClone(values);
}

/** The configuration of a stack as the program sees it. */
export function configOf(stack: Stack): CutoverConfig {
  return readConfig(valuesOf(stack), { stack });
}

export const REMOVED = Symbol('removed');

/** The blocks of a stack file with some values changed. A path is written as in error messages. */
export function edited(stack: Stack, edits: Readonly<Record<string, unknown>>): Values {
  const values = valuesOf(stack);
  for (const [path, value] of Object.entries(edits)) set(values, path, value);
  return values;
}

function set(values: Values, path: string, value: unknown): void {
  const [block = '', ...rest] = path
    .split(/\.|\[(\d+)\]/)
    .filter((step) => step !== undefined && step !== '');
  const steps = [block.includes(':') ? block : `cutover:${block}`, ...rest];
  const last = steps.pop() ?? '';
  const inner = steps.reduce<Values>((at, step) => at[step] as Values, values);
  if (value === REMOVED) delete inner[last];
  else inner[last] = value;
}

/** The message that refuses these values. Fails when they are taken. */
export function refusalOf(values: Readonly<Values>, stack: string): string {
  try {
    readConfig(values, { stack });
  } catch (error) {
    if (error instanceof CutoverError && error.code === 'CUT-1000' && error.exit === 2) return error.message;
    throw error;
  }
  throw new Error('The configuration was taken.');
}

/** The lines between the first and the last: what is wrong, without how it is framed. */
export function listOf(message: string): string {
  return message.split('\n').slice(1, -1).join('\n');
}

/** Every path of a value that leads to something that is not a block, with that value. */
export function leavesOf(value: unknown, path = ''): [path: string, leaf: unknown][] {
  if (Array.isArray(value)) return value.flatMap((each, index) => leavesOf(each, `${path}[${index}]`));
  if (typeof value !== 'object' || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, each]) => leavesOf(each, path === '' ? key : `${path}.${key}`));
}
