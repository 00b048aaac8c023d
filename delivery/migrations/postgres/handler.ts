import type { Handler } from '@cutover/base/dynamic.ts';
import type { MigrationInputs } from '../../plan/migration-inputs.ts';
import { migrationsHandler, type MigrationState } from '../handler.ts';
import { taskHandler } from '../task-handler.ts';

type PostgresHandler = Handler<MigrationInputs<'postgres'>, MigrationState<'postgres'>>;

const here = migrationsHandler('postgres');

/** Two ways of running, one resource: this machine connects, or a task in the database's own network does. */
function by({ runs }: { readonly runs?: unknown }): PostgresHandler {
  return runs === undefined ? here : taskHandler;
}

export const handler: PostgresHandler = {
  check: async (olds, news) => (await by(news).check?.(olds, news)) ?? {},
  diff: async (id, olds, news) => (await by(news).diff?.(id, olds, news)) ?? {},
  create: (inputs) => by(inputs).create(inputs),
  update: async (id, olds, news) => (await by(news).update?.(id, olds, news)) ?? { outs: olds },
  read: async (id, olds) => (await by(olds).read?.(id, olds)) ?? { id, props: olds },
  delete: async (id, olds) => by(olds).delete?.(id, olds),
};
