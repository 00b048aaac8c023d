import { join } from 'node:path';
import { projectRoot } from '@cutover/base/project.ts';
import type { Container } from '../../services/aws/ecs-containers.ts';
import { imageOf, type Image } from './image.ts';
import { StartError } from './secrets.ts';

/** What is changed in a container for one task. */
export interface ContainerOverride {
  readonly name: string;
  readonly command?: readonly string[];
  readonly environment?: readonly { readonly name: string; readonly value: string }[];
}

/** A container as a process of this machine. */
export interface Program {
  readonly file: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workingFolder: string;
}

/** What decides how a container runs here. */
export interface ProgramFacts {
  readonly container: Container;
  readonly override?: ContainerOverride;
  /** Values of its secrets. */
  readonly secrets: Readonly<Record<string, string>>;
  /** The port of this machine in place of the container's. */
  readonly localPort: number | undefined;
  /** The certificate of who signs for databases of the rehearsal. */
  readonly authorityFile: string;
}

/** Where images have the certificates of RDS. */
const rdsCertificates = '/app/rds-ca.pem';

/** The local command of a container: that of its image, the project's folder in place of the image's. */
export function programOf(facts: ProgramFacts, image = imageOf(facts.container.image ?? '')): Program {
  const { container, override, secrets, localPort, authorityFile } = facts;
  if (image === undefined) {
    // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
    throw new StartError(
      `CannotPullContainerError: failed to resolve ref ${container.image ?? ''}: not found (the twin runs images that are built from services/*/Dockerfile)`,
    );
  }
  const pairs = [...(container.environment ?? []), ...(override?.environment ?? [])];
  const given = {
    ...image.environment,
    ...Object.fromEntries(pairs.map(({ name, value }) => [name, value])),
    ...secrets,
    // Other machines cannot reach it, and its port may be taken.
    ...(localPort !== undefined && { PORT: String(localPort), HOST: '127.0.0.1' }),
  };
  const environment = Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, value.replaceAll(rdsCertificates, authorityFile)]),
  );
  const [file = '', ...args] = commandOf(image, container, override);
  if (file === '') throw new StartError('CannotStartContainerError: no command is specified');
  return {
    // Node of the project, whichever the image has.
    file: file === 'node' ? process.execPath : file,
    args,
    environment,
    workingFolder: folderOf(container.workingDirectory ?? image.workingFolder, image),
  };
}

/** A health check of a container: asked as a URL where it is a plain request, else run beside it. */
export type HealthCheck =
  | { readonly kind: 'ask'; readonly path: string }
  | { readonly kind: 'run'; readonly file: string; readonly args: readonly string[] };

/** Reads the command of a health check; nothing where there is none. Pure. */
export function healthCheckOf({ healthCheck }: Container): HealthCheck | undefined {
  const [how, ...words] = healthCheck?.command ?? [];
  if (how === undefined || how === 'NONE') return undefined;
  const line = words.join(' ');
  // The port in the command is that of the container, which is another one here.
  const [, path] =
    /\b(?:wget|curl)\b.*\bhttp:\/\/(?:127\.0\.0\.1|localhost)(?::\d+)?(\/[^\s"']*)?/.exec(line) ?? [];
  if (/\b(wget|curl)\b/.test(line) && path !== undefined) return { kind: 'ask', path };
  if (how === 'CMD-SHELL') return { kind: 'run', file: '/bin/sh', args: ['-c', line] };
  const [file = '', ...args] = how === 'CMD' ? words : [how, ...words];
  return { kind: 'run', file: file === 'node' ? process.execPath : file, args };
}

function commandOf(
  image: Image,
  { command, entryPoint }: Container,
  override: ContainerOverride | undefined,
): readonly string[] {
  // Another entry point leaves out the image's command, as Docker does it.
  const usual = entryPoint === undefined ? image.command : [];
  return [...(entryPoint ?? image.entryPoint), ...(override?.command ?? command ?? usual)];
}

function folderOf(folder: string, { workingFolder }: Image): string {
  if (folder === workingFolder) return projectRoot;
  return folder.startsWith(`${workingFolder}/`)
    ? join(projectRoot, folder.slice(workingFolder.length))
    : projectRoot;
}
