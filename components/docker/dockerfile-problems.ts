import { findSecret } from '@cutover/base/secret-looking.ts';
import { findSecretVariable, isSecretName } from '@cutover/base/secret-variable.ts';
import {
  readAssignments,
  readDockerfile,
  type Dockerfile,
  type Instruction,
  type Stage,
} from './dockerfile.ts';

/** What a Dockerfile may have as well. */
export interface DockerfileRules {
  /** Bases that are no Alpine, by the beginning of their names, each because it must be: `gcr.io/distroless/`. @default none */
  readonly bases?: readonly string[];
}

/**
 * Why no image here is built from a Dockerfile, each reason with its line; empty when it is as it should be: on Alpine
 * that is pinned by its digest, not root, nothing fetched by ADD, no secret in it.
 */
export function dockerfileProblems(
  text: string,
  buildArgs: Readonly<Record<string, string>> = {},
  rules: DockerfileRules = {},
): readonly string[] {
  const file = readDockerfile(text, buildArgs);
  const last = file.stages.at(-1);
  if (last === undefined) return ['it has no FROM: an image needs a base'];
  const all = [...file.args, ...file.stages.flatMap(({ instructions }) => instructions)];
  return [
    ...file.stages.flatMap((stage, index) => baseProblems(stage, file.stages.slice(0, index), rules)),
    ...file.stages.flatMap((stage, index) => copyProblems(stage, file.stages.slice(0, index))),
    ...all.flatMap(addProblems),
    ...all.flatMap(secretProblems),
    ...Object.entries(buildArgs).flatMap(([name, value]) =>
      looksSecret(name, value)
        ? [`build argument ${name}: it looks like a secret, and docker history shows it; take a secret mount`]
        : [],
    ),
    ...userProblems(last, file),
  ];
}

function baseProblems(stage: Stage, earlier: readonly Stage[], { bases = [] }: DockerfileRules): string[] {
  const { from, line } = stage;
  if (from === 'scratch' || isStage(from, earlier)) return [];
  const at = `line ${line}: `;
  if (from === '') return [`${at}FROM has no image; give the build argument that names it`];
  const [reference = ''] = from.split('@');
  const known = /(^|[/:-])alpine/.test(reference) || bases.some((base) => reference.startsWith(base));
  return [
    ...(known ? [] : [`${at}${reference} is no Alpine; take its Alpine variant`]),
    ...(/@sha256:[0-9a-f]{64}$/.test(from)
      ? []
      : [
          `${at}${reference} is not pinned; add the digest that your registry gives it: ${reference}@sha256:…`,
        ]),
  ];
}

function isStage(from: string, earlier: readonly Stage[]): boolean {
  return earlier.some(({ name }) => name?.toLowerCase() === from.toLowerCase());
}

/** What is copied from another image comes from whatever its tag means that day. */
function copyProblems({ instructions }: Stage, earlier: readonly Stage[]): string[] {
  return instructions.flatMap(({ word, flags: { from }, line }) =>
    word !== 'COPY' ||
    from === undefined ||
    isStage(from, earlier) ||
    /^\d+$|@sha256:[0-9a-f]{64}$/.test(from)
      ? []
      : [
          `line ${line}: COPY takes from ${from}, which is not pinned; name a stage, or end it with its digest`,
        ],
  );
}

function addProblems({ word, rest, line }: Instruction): string[] {
  return word === 'ADD' && /(^|\s|")(https?|ftp|git):\/\/|(^|\s|")git@/.test(rest)
    ? [`line ${line}: ADD fetches from elsewhere; COPY a file whose checksum you know`]
    : [];
}

function secretProblems(instruction: Instruction): string[] {
  if (instruction.word !== 'ARG' && instruction.word !== 'ENV') return [];
  return readAssignments(instruction).flatMap(([name, value]) =>
    looksSecret(name, value)
      ? [
          `line ${instruction.line}: ${instruction.word} ${name} looks like a secret, and stays in the image; give it when it runs`,
        ]
      : [],
  );
}

/** A name that says so, for whatever value; or a value that does, under whatever name. Names of files are none. */
function looksSecret(name: string, value: string | undefined): boolean {
  if (/_(file|path|dir)$/i.test(name)) return value !== undefined && findSecret(value) !== undefined;
  return value === undefined ? isSecretName(name) : findSecretVariable(name, value) !== undefined;
}

/** The user that the last stage ends with; a stage begins with that of the stage below it. */
function userProblems(stage: Stage, file: Dockerfile): string[] {
  const user = userOf(stage, file, file.stages.length - 1);
  if (user === undefined) return [`line ${stage.line}: it runs as root; say USER 1000:1000 before the end`];
  const [name = ''] = user.rest.split(':');
  if (/^(root|0+)$/.test(name)) return [`line ${user.line}: USER ${user.rest} is root; say USER 1000:1000`];
  return /^\d+$/.test(name)
    ? []
    : [
        `line ${user.line}: USER ${user.rest} is a name; say its number, by which a platform sees that it is not root`,
      ];
}

function userOf(stage: Stage, file: Dockerfile, index: number): Instruction | undefined {
  const own = stage.instructions.findLast(({ word }) => word === 'USER');
  if (own !== undefined) return own;
  const below = file.stages.findLastIndex(
    ({ name }, at) => at < index && name?.toLowerCase() === stage.from.toLowerCase(),
  );
  const found = file.stages[below];
  return found === undefined ? undefined : userOf(found, file, below);
}
