import { entries, items, problem, type Check } from './check.ts';
import type { ConfigDraft } from './draft.ts';
import type { Problem } from './problems.ts';
import type { Path } from './show.ts';
import { zoneNameOf } from './zones.ts';

/** An account only where there is a cloud, and a zone for every name that is made in it. */
export const checkAws: Check = (config) => {
  const { aws, environment } = config;
  if (aws === undefined) return [];
  if (environment === 'dev') {
    return [problem(['aws'], 'names an account; dev runs on this machine only, leave the block out')];
  }
  return [...checkHome(config), ...checkHosts(config)];
};

/** The region of the account's foundation, among those of the stack. */
function checkHome({ aws, regions }: ConfigDraft): Problem[] {
  const region = aws?.access?.region;
  const known = entries(regions).map(([name]) => name);
  if (region === undefined || known.includes(region)) return [];
  const path = ['aws', 'access', 'region'];
  return [
    problem(path, `is ${region}, which is not among cutover:regions`, `region: ${known[0] ?? 'us-east-1'}`),
  ];
}

function checkHosts({ aws, systems }: ConfigDraft): Problem[] {
  const coinestate = systems?.coinestate;
  if (coinestate?.enabled !== true || aws?.zones === undefined) return [];
  const domains = entries(aws.zones).map(([domain]) => domain);
  const path = ['systems', 'coinestate'];
  return [
    ...checkHost([...path, 'hosts', 'api'], coinestate.hosts?.api, domains),
    ...items(coinestate.regions).flatMap(([index, region]) =>
      checkHost([...path, 'regions', index, 'host'], region.host, domains),
    ),
  ];
}

function checkHost(path: Path, host: string | undefined, domains: readonly string[]): Problem[] {
  if (host === undefined || zoneNameOf(host, domains) !== undefined) return [];
  const domain = host.split('.').slice(-2).join('.');
  return [problem(path, `is ${host}, which is in no zone of cutover:aws.zones`, `zones: { ${domain}: {} }`)];
}
