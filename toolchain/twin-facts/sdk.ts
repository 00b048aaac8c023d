import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { factsOf, interfacesIn, memberName, outputType } from './declared-types.ts';
import type { Fact, Facts } from './table.ts';

/** What the SDK's own types and scripts tell of one resource type. */
export interface SdkType {
  /** `aws:rds/instance:Instance`. */
  readonly token: string;
  readonly inputs: Facts;
  readonly outputs: Readonly<Record<string, Fact['type']>>;
  readonly secret: readonly string[];
}

/** The package @pulumi/aws, of whose two thousand files only those are parsed that are asked for. */
export interface Sdk {
  readonly version: string;
  /**
   * Undefined where there is no such type.
   * @param module `rds`; `` for the provider itself
   */
  read(module: string, name: string): SdkType | undefined;
}

/** Opens the package in a folder. */
export function openSdk(folder: string): Sdk {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  const nested = interfacesIn(parse(join(folder, 'types', 'input.d.ts')));
  return {
    version,
    read: (module, name) => {
      const file = join(folder, module, `${name.charAt(0).toLowerCase()}${name.slice(1)}`);
      if (!existsSync(`${file}.d.ts`)) return undefined;
      const declared = parse(`${file}.d.ts`);
      const script = readFileSync(`${file}.js`, 'utf8');
      const args = interfacesIn(declared).get(`${name}Args`);
      if (args === undefined) return undefined;
      return {
        token: tokenIn(script),
        inputs: factsOf(args, nested),
        outputs: outputsIn(script, declared, name),
        secret: wordsIn(/additionalSecretOutputs: \[([^\]]*)\]/.exec(script)?.[1] ?? ''),
      };
    },
  };
}

function parse(path: string): ts.SourceFile {
  return ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
}

function tokenIn(script: string): string {
  const token = /static __pulumiType = '([^']+)'/.exec(script)?.[1] ?? '';
  return token.includes(':') ? token : `pulumi:providers:${token}`;
}

function outputsIn(script: string, declared: ts.SourceFile, name: string): Record<string, Fact['type']> {
  const members = declared.statements
    .filter(ts.isClassDeclaration)
    .filter((each) => each.name?.text === name)
    .flatMap((each) => each.members.filter(ts.isPropertyDeclaration));
  const types = new Map(members.map((member) => [memberName(member), outputType(member.type)]));
  const made = [...script.matchAll(/resourceInputs\["(\w+)"\] = undefined \/\*out\*\//g)];
  return Object.fromEntries(made.map(([, output = '']) => [output, types.get(output) ?? 'any']));
}

function wordsIn(list: string): string[] {
  return [...list.matchAll(/"(\w+)"/g)].map(([, word = '']) => word);
}
