import { z } from 'zod';
import { amount, whole } from './fields.ts';

// Sizes are plain numbers in every environment. Components choose the smallest instance class that has as much.
// On dev nothing enforces them: the parts share this machine.

export const cpus = amount(0.25, 64, 'Virtual CPUs of each.', 2);
export const memoryGb = amount(0.25, 512, 'Memory of each, in GB.', 4);
export const storageGb = whole(1, 64_000, 'Disk of each, in GB.', 100);
export const backupDays = whole(0, 35, 'Days that backups are kept; 0 makes none.', 30);
export const count = (of: string, example: number, least = 0) =>
  whole(least, 100, `How many ${of}.`, example);

/** Between how many and how many, by load. */
export const between = (of: string) =>
  z.strictObject({ min: count(`${of} at least`, 2, 1), max: count(`${of} at most`, 6, 1) });
