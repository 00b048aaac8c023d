import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '@cutover/base/project.ts';

/** What an image of ours says of what runs in it. */
export interface Image {
  readonly command: readonly string[];
  readonly entryPoint: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** The folder in the image that holds what the project's folder holds. */
  readonly workingFolder: string;
}

// The beacon stands in for the API that CoinEstate has not handed over, as on dev.
const standIns: Readonly<Record<string, string>> = { 'coinestate-api': 'beacon' };

/** The image of a reference, by its repository's name, from the Dockerfile that it is built from. Undefined: not ours. */
export function imageOf(reference: string): Image | undefined {
  const name = repositoryOf(reference);
  const file = join(projectRoot, 'services', standIns[name] ?? name, 'Dockerfile');
  return /^[a-z0-9-]+$/.test(name) && existsSync(file) ? readImage(readFileSync(file, 'utf8')) : undefined;
}

/** `123456789012.dkr.ecr.us-east-1.amazonaws.com/staging/coinestate-api@sha256:…` is of `coinestate-api`. */
export function repositoryOf(reference: string): string {
  return (
    reference
      .replace(/[@:][^/]*$/, '')
      .split('/')
      .at(-1) ?? ''
  );
}

/** Reads the last stage of a Dockerfile. Commands are in exec form, as ours are. Pure. */
export function readImage(dockerfile: string): Image {
  const lines = dockerfile
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .map((line) => line.trim());
  const stage = lines.slice(lines.findLastIndex((line) => /^FROM\s/i.test(line)) + 1);
  const last = (word: string): string | undefined =>
    stage
      .findLast((line) => line.toUpperCase().startsWith(`${word} `))
      ?.slice(word.length)
      .trim();
  const list = (text: string | undefined): readonly string[] =>
    text === undefined ? [] : (JSON.parse(text) as string[]);
  const settings = stage
    .filter((line) => /^ENV\s/i.test(line))
    .flatMap((line) => [...line.slice(3).matchAll(/(\w+)=("[^"]*"|\S+)/g)])
    .map(([, name = '', value = '']) => [name, value.replaceAll('"', '')] as const);
  return {
    command: list(last('CMD')),
    entryPoint: list(last('ENTRYPOINT')),
    environment: Object.fromEntries(settings),
    workingFolder: last('WORKDIR') ?? '/',
  };
}
