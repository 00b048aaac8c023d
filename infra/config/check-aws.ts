import { entries, items, problem, type Check } from './check.ts';
import type { Problem } from './problems.ts';
import type { Path } from './show.ts';
import { zoneNameOf } from './zones.ts';

/** An account only where there is a cloud, and a zone for every name that is made in it. */
export const checkAws: Check = (config) => {
  const { aws, environment, systems } = config;
  if (aws === undefined) return [];
  if (environment === 'dev') {
    return [problem(['aws'], 'names an account; dev runs on this machine only, leave the block out')];
  }
  const coinestate = systems?.coinestate;
  if (coinestate?.enabled !== true || aws.zones === undefined) return [];
  const domains = entries(aws.zones).map(([domain]) => domain);
  const path = ['systems', 'coinestate'];
  return [
    ...checkHost([...path, 'hosts', 'api'], coinestate.hosts?.api, domains),
    ...items(coinestate.regions).flatMap(([index, region]) =>
      checkHost([...path, 'regions', index, 'host'], region.host, domains),
    ),
  ];
};

function checkHost(path: Path, host: string | undefined, domains: readonly string[]): Problem[] {
  if (host === undefined || zoneNameOf(host, domains) !== undefined) return [];
  const domain = host.split('.').slice(-2).join('.');
  return [problem(path, `is ${host}, which is in no zone of cutover:aws.zones`, `zones: { ${domain}: {} }`)];
}
