import type { PostgresArgs } from './postgres.ts';

// https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html, and PostgreSQL's own words.
const reserved =
  /^(rdsadmin|rdsproxyadmin|admin|user|public|none|pg_.*|rds_.*|all|default|table|select|grant)$/;
const MOST_GB = 65_536;
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** What RDS would refuse after minutes, or what would leave a database without backups. */
export function postgresProblems(args: PostgresArgs): (string | undefined)[] {
  const { site, network, database, size, mostStorageGb, backupDays, user = 'owner', windows } = args;
  const inPostgres = /^[a-z][a-z0-9_]{0,62}$/;
  return [
    inPostgres.test(database) && !/^(rdsadmin|template[01])$/.test(database)
      ? undefined
      : `database: "${database}" must begin with a small letter; small letters, digits and underscores, at most 63, and be none that PostgreSQL or RDS keeps for itself`,
    inPostgres.test(user) && !reserved.test(user)
      ? undefined
      : `user: "${user}" is no name for the owner; take small letters, digits and underscores, and no word that PostgreSQL or RDS keeps for itself`,
    Number.isInteger(size.storageGb) && size.storageGb >= 20 && size.storageGb <= MOST_GB
      ? undefined
      : `size.storageGb: ${size.storageGb} must be a whole number from 20 to ${MOST_GB}`,
    mostStorageGb === undefined ||
    (Number.isInteger(mostStorageGb) && mostStorageGb >= size.storageGb * 1.1 && mostStorageGb <= MOST_GB)
      ? undefined
      : `mostStorageGb: ${mostStorageGb} must be a whole number, a tenth more than size.storageGb (${size.storageGb}) or more, up to ${MOST_GB}`,
    Number.isInteger(backupDays) && backupDays >= 0 && backupDays <= 35
      ? undefined
      : `backupDays: ${backupDays} must be a whole number from 0 to 35`,
    backupDays === 0 && site.keeps
      ? 'backupDays: 0 makes no backups; what is kept needs at least 1'
      : undefined,
    network.subnets.data.length >= 2
      ? undefined
      : `network: it has ${network.subnets.data.length} data subnets; RDS wants two, in two zones`,
    ...(windows === undefined ? [] : windowProblems(windows)),
  ];
}

/** What the storage may grow to; undefined where there is no room for the tenth more that RDS asks for. */
export function mostStorage({
  size,
  mostStorageGb = Math.min(size.storageGb * 5, MOST_GB),
}: Pick<PostgresArgs, 'size' | 'mostStorageGb'>): number | undefined {
  return mostStorageGb >= size.storageGb * 1.1 ? mostStorageGb : undefined;
}

function windowProblems({
  backup,
  maintenance,
}: NonNullable<PostgresArgs['windows']>): (string | undefined)[] {
  const daily = readWindow(backup);
  const weekly = readWindow(maintenance);
  if (daily === undefined || weekly === undefined || daily.days.length > 0 || weekly.days.length !== 2) {
    return ['windows: write backup as 03:00-04:00 and maintenance as sun:05:00-sun:06:00'];
  }
  const short = Object.entries({ backup: daily, maintenance: weekly })
    .filter(([, { minutes }]) => minutes < 30)
    .map(([which]) => `windows.${which}: it is shorter than 30 minutes`);
  // The daily window comes each day, so also on the days before and after the one on which the weekly one begins.
  const overlap = [-1440, 0, 1440].some((day) => {
    const start = daily.start + day;
    return start + daily.minutes > weekly.start && weekly.start + weekly.minutes > start;
  });
  return [...short, overlap ? `windows: ${backup} and ${maintenance} overlap` : undefined];
}

/** Minutes after midnight at which a window begins, and how long it is. */
function readWindow(
  text: string,
): { readonly start: number; readonly minutes: number; readonly days: readonly string[] } | undefined {
  const found = /^(?:([a-z]{3}):)?([01]\d|2[0-3]):([0-5]\d)-(?:([a-z]{3}):)?([01]\d|2[0-3]):([0-5]\d)$/.exec(
    text,
  );
  if (found === null) return undefined;
  const [, firstDay, fromHour, fromMinute, lastDay, toHour, toMinute] = found;
  const named = [firstDay, lastDay].filter((day) => day !== undefined);
  if (named.some((day) => !days.includes(day))) return undefined;
  const start = Number(fromHour) * 60 + Number(fromMinute);
  const [from = '', to = from] = named;
  const nights = (days.indexOf(to) - days.indexOf(from) + 7) % 7;
  const end = Number(toHour) * 60 + Number(toMinute) + nights * 1440;
  return { start, minutes: end >= start ? end - start : end - start + 1440, days: named };
}
