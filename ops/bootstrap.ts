import { Argument, type Command } from 'commander';
import { CutoverError } from '@cutover/base/errors.ts';
import { projectRoot } from '@cutover/base/project.ts';
import type { CutoverConfig } from '../infra/config.ts';
import { homeRegion } from '../infra/config/home-region.ts';
import type { FoundationPlace } from './bootstrap/foundation.ts';
import type { Step } from './bootstrap/part.ts';
import { terminalOn } from './terminal.ts';

/** What `./cutover bootstrap` is told besides the stack. */
export interface BootstrapOptions {
  readonly region?: string;
  readonly repository?: string;
  readonly yes: boolean;
  readonly json: boolean;
}

/** `./cutover bootstrap STACK`: makes in the account what has to be there before the stack can be. */
export function registerBootstrap(program: Command): void {
  program
    .command('bootstrap')
    .description('make the account ready: state, key, roles, audit trail')
    .addArgument(new Argument('<stack>', 'staging or prod'))
    .option('--region <region>', 'where the state is kept; as the stack file says if left out')
    .option('--repository <owner/name>', 'whose workflows may deploy, instead of what the stack file says')
    .option('--yes', 'do it without asking', false)
    .option('--json', 'print what was done as JSON on standard output', false)
    .addHelpText(
      'after',
      `
It is run by an administrator of the account, shows what it would do, and asks. It may be stopped and run again at any
time: what is right is left alone, what differs is mended, what is somebody else's is refused. docs/bootstrap.md

Examples:
  ./cutover bootstrap staging
  AWS_PROFILE=prod-admin ./cutover bootstrap prod --repository coinestate/platform`,
    )
    .action(async (stack: string, options: BootstrapOptions) => {
      process.exitCode = await bootstrap(stack, options);
    });
}

/** Makes a stack's account ready. Returns the exit code. SIDE EFFECTS: changes the account, the CLI's login, the stack file. */
export async function bootstrap(
  stack: string,
  options: BootstrapOptions,
  folder = projectRoot,
): Promise<number> {
  const { loadStackConfig } = await import('./config.ts');
  const place = placeOf(stack, await loadStackConfig(stack, folder), options);
  const [{ signedInTo }, { openFoundry, refuse }, report, { goesOn }] = await Promise.all([
    import('./bootstrap/aws.ts'),
    import('./bootstrap/make.ts'),
    import('./bootstrap/report.ts'),
    import('./ask.ts'),
  ]);
  const terminal = terminalOn(options.json ? process.stderr : process.stdout);
  const { arn } = await signedInTo(stack, place.account, place.region);
  terminal.line(`The foundation of ${stack} in account ${place.account}, ${place.region}, as ${arn}`);
  const foundry = openFoundry(place);
  try {
    const steps = await foundry.plan();
    report.planLines(steps).forEach((line) => terminal.line(line));
    refuse(steps);
    const nothing = report.isNothing(steps);
    if (!nothing && !options.yes && !(await goesOn('Do this?', './cutover bootstrap'))) {
      terminal.line('Nothing was changed.');
      return 1;
    }
    if (!nothing) {
      await foundry.make(({ deed, part }) =>
        terminal.line(`  ${deed === 'create' ? 'created' : 'mended '} ${part.kind} ${part.name}`),
      );
    }
    await finish(stack, place, steps, options, folder);
    return 0;
  } finally {
    foundry.close();
  }
}

/** Signs in to the state, makes the stack, and tells what there is and what to run. */
async function finish(
  stack: string,
  place: FoundationPlace,
  steps: readonly Step[],
  { json }: BootstrapOptions,
  folder: string,
): Promise<void> {
  const [{ backendOf, openStack }, { foundationNames }, { pulumiEnvironment }, { roleArn }, report] =
    await Promise.all([
      import('./bootstrap/backend.ts'),
      import('./bootstrap/foundation.ts'),
      import('./pulumi-environment.ts'),
      import('../components/aws/account-roles.ts'),
      import('./bootstrap/report.ts'),
    ]);
  const backend = backendOf(foundationNames(place), place.region, process.env['AWS_ENDPOINT_URL']);
  const opened = await openStack(stack, backend, pulumiEnvironment(['--stack', stack]), folder);
  const roles = Object.fromEntries(
    ['deploy', 'read-only', 'break-glass'].map((role) => [
      role,
      roleArn(place, { name: `cutover-${place.environment}-${role}` }),
    ]),
  );
  if (json) {
    const { account, region } = place;
    const told = { stack, account, region, parts: steps.map(report.stepReport), backend, ...opened, roles };
    process.stdout.write(`${JSON.stringify(told, null, 2)}\n`);
    return;
  }
  const { line } = terminalOn(process.stdout);
  line();
  line(report.isNothing(steps) ? 'All of it was there already, as it is to be.' : 'The account is ready.');
  line(`Signed in to its state; the stack ${stack} ${opened.made ? 'was made' : 'was there'}.`);
  if (opened.written) line(`Pulumi.${stack}.yaml names the key of its secrets now: commit it.`);
  line();
  report.nextLines(stack, backend, roles).forEach((each) => line(each));
}

/** The place of a stack's foundation, or what is missing to know it. */
export function placeOf(
  stack: string,
  config: CutoverConfig,
  options: Pick<BootstrapOptions, 'region' | 'repository'>,
): FoundationPlace {
  const { aws, environment, regions } = config;
  if (aws === undefined || environment === 'dev') throw new CutoverError('CUT-5470', { stack });
  const known = Object.keys(regions);
  const region = options.region ?? homeRegion(config);
  const repository = options.repository ?? aws.access?.repository;
  const breakGlass = aws.access?.breakGlass ?? [];
  const missing = [
    ...(known.length > 0 && !known.includes(region) ? [`why the state should be in ${region}`] : []),
    ...(repository !== undefined && /^[\w.-]+\/[\w.-]+$/.test(repository)
      ? []
      : ['whose workflows may deploy']),
    ...(breakGlass.length > 0 ? [] : ['who may act in an emergency']),
  ];
  if (missing.length > 0 || repository === undefined) {
    const fix = `Say it in Pulumi.${stack}.yaml: cutover:aws: { access: { repository: owner/name, breakGlass: [ARN of a person] } }, and take a region of cutover:regions (${known.join(', ')}).`;
    throw new CutoverError('CUT-5476', { list: missing.join(', or '), fix });
  }
  return {
    account: aws.account,
    environment,
    region,
    regions: known.length === 0 ? [region] : known,
    repository,
    people: { read: aws.access?.readers ?? [], breakGlass },
    ...secretsOf(config),
  };
}

/** What the deploy role reads and signs with: what the stack file names. */
function secretsOf({ networks, signers }: CutoverConfig): Pick<FoundationPlace, 'endpoints' | 'signers'> {
  const endpoints = Object.values(networks).flatMap((network) =>
    network.endpoints.flatMap(({ url }) => (typeof url === 'object' && url.kind === 'ssm' ? [url.name] : [])),
  );
  const refs = Object.values(signers);
  return {
    endpoints: [...new Set(endpoints)],
    signers: {
      parameters: refs.flatMap((ref) => (ref.kind === 'ssm' ? [ref.name] : [])),
      keys: refs.flatMap((ref) => (ref.kind === 'kms' ? [ref.name] : [])),
    },
  };
}
