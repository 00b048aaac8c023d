import { migrationsHandler } from '../handler.ts';

export const handler = migrationsHandler('sqlite');
