// Flags start switched off; each environment turns on what it wants.
const flags = ['marketplace', 'carbon-credits'];

/** @param {import('mongodb').Db} db */
export async function up(db) {
  const featureFlags = db.collection('FeatureFlag');
  await featureFlags.createIndex({ name: 1 }, { name: 'feature_flag_name', unique: true });
  const now = new Date();
  for (const name of flags) {
    const flag = {
      _id: `flag-${name}`,
      _created_at: now,
      _updated_at: now,
      enabled: false,
      percentage: 0,
      groups: [],
    };
    await featureFlags.updateOne({ name }, { $setOnInsert: { ...flag, name } }, { upsert: true });
  }
}

/** @param {import('mongodb').Db} db */
export async function down(db) {
  const featureFlags = db.collection('FeatureFlag');
  await featureFlags.deleteMany({ _id: { $in: flags.map((name) => `flag-${name}`) } });
  await featureFlags.dropIndex('feature_flag_name');
}
