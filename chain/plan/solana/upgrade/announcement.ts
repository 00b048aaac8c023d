import type { DesiredUpgrade } from './facts.ts';
import type { UpgradeRecord } from './record.ts';

/** Something that those who use a program should know about its upgrade. Each is told once. */
export interface Announcement {
  readonly key: string;
  readonly text: string;
}

/** What an announcement can be about; times are seconds of the cluster's clock. */
export type Occasion =
  | { readonly kind: 'proposed'; readonly proposal: string; readonly delaySeconds: number }
  | { readonly kind: 'approved'; readonly proposal: string; readonly readyAt: number }
  | { readonly kind: 'executed' };

/** The announcement that is due; undefined when it was made. */
export function announcementOf(
  desired: DesiredUpgrade,
  { told }: UpgradeRecord,
  occasion: Occasion,
): Announcement | undefined {
  const key = keyOf(desired, occasion);
  return told.includes(key) ? undefined : { key, text: textOf(desired, occasion) };
}

/** Names an announcement: the same for the same occasion, in every process. */
export function keyOf({ hash }: DesiredUpgrade, occasion: Occasion): string {
  return `${occasion.kind} ${occasion.kind === 'executed' ? hash : occasion.proposal}`;
}

/** What people call a build: its version and the beginning of its hash. */
export function buildName({ version, hash }: Pick<DesiredUpgrade, 'version' | 'hash'>): string {
  const short = hash.slice(0, 16);
  return version === undefined ? short : `${version} (${short})`;
}

function textOf({ program, version, hash }: DesiredUpgrade, occasion: Occasion): string {
  const build = `${version ?? 'the build'} with the hash ${hash}`;
  switch (occasion.kind) {
    case 'proposed':
      return (
        `The program ${program} is proposed to be upgraded to ${build}: proposal ${occasion.proposal}, ` +
        `executed not before ${occasion.delaySeconds} s after enough have approved it.`
      );
    case 'approved': {
      const when = new Date(occasion.readyAt * 1000).toISOString();
      return `The program ${program} will be upgraded to ${build}, not before ${when}: proposal ${occasion.proposal} is approved.`;
    }
    case 'executed':
      return `The program ${program} was upgraded to ${build}: what it runs has that hash.`;
  }
}
