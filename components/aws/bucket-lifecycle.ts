/** How long what is in a bucket stays where. Days count from when it was written. */
export interface BucketDays {
  /** Move to storage for what is read now and then, 30 or more. @default never */
  readonly warm?: number;
  /** Move to the archive that still answers at once, 30 days after `warm` or later. @default never */
  readonly cold?: number;
  /** Delete. @default never */
  readonly expire?: number;
  /** Delete versions that were overwritten or deleted so many days ago. @default 90 */
  readonly oldVersions?: number;
  /** Delete parts of uploads that were begun so many days ago. @default 7 */
  readonly unfinishedUploads?: number;
}

/** One rule, in the words of S3. */
export interface LifecycleRule {
  readonly id: string;
  readonly status: 'Enabled';
  readonly filter: Readonly<Record<string, never>>;
  readonly abortIncompleteMultipartUpload?: { readonly daysAfterInitiation: number };
  readonly noncurrentVersionExpiration?: { readonly noncurrentDays: number };
  readonly expiration?: { readonly days: number } | { readonly expiredObjectDeleteMarker: true };
  readonly transitions?: { days: number; storageClass: 'STANDARD_IA' | 'GLACIER_IR' }[];
}

/** The rules of a bucket. Old versions are kept apart from current ones, so that each can change alone. */
export function lifecycleRules(days: BucketDays): LifecycleRule[] {
  const { warm, cold, expire, oldVersions = 90, unfinishedUploads = 7 } = days;
  const always = { status: 'Enabled', filter: {} } as const;
  const transitions: LifecycleRule['transitions'] = [
    ...(warm === undefined ? [] : [{ days: warm, storageClass: 'STANDARD_IA' } as const]),
    ...(cold === undefined ? [] : [{ days: cold, storageClass: 'GLACIER_IR' } as const]),
  ];
  return [
    {
      id: 'unfinished-uploads',
      ...always,
      abortIncompleteMultipartUpload: { daysAfterInitiation: unfinishedUploads },
    },
    {
      id: 'old-versions',
      ...always,
      noncurrentVersionExpiration: { noncurrentDays: oldVersions },
      // A marker of deletion with no version behind it is of no use. S3 takes no days beside it.
      ...(expire === undefined ? { expiration: { expiredObjectDeleteMarker: true } } : {}),
    },
    ...(transitions.length === 0 && expire === undefined
      ? []
      : [
          {
            id: 'age',
            ...always,
            ...(transitions.length === 0 ? {} : { transitions }),
            ...(expire === undefined ? {} : { expiration: { days: expire } }),
          },
        ]),
  ];
}

/** What S3 would refuse, or what would lose what was meant to be kept. */
export function lifecycleProblems(days: BucketDays, lockedDays: number | undefined): (string | undefined)[] {
  const { warm, cold, expire, oldVersions } = days;
  return [
    ...Object.entries(days).map(([key, value]) =>
      value === undefined || (Number.isInteger(value) && value >= 1)
        ? undefined
        : `days.${key}: ${value} must be a whole number of 1 or more`,
    ),
    warm !== undefined && warm < 30 ? `days.warm: ${warm} is too early; S3 takes 30 or more` : undefined,
    warm !== undefined && cold !== undefined && cold < warm + 30
      ? `days.cold: ${cold} must be ${warm + 30} or more, 30 after days.warm`
      : undefined,
    expire !== undefined && expire <= Math.max(warm ?? 0, cold ?? 0)
      ? `days.expire: ${expire} must be later than days.warm and days.cold`
      : undefined,
    ...[expire, oldVersions].map((value) =>
      value !== undefined && lockedDays !== undefined && value < lockedDays
        ? `days: ${value} is before the end of the lock (${lockedDays}), until which nothing can be deleted`
        : undefined,
    ),
  ];
}
