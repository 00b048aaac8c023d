// The chains that Gemforce runs on, as objects of the Parse class Blockchain.
const chains = [
  { chainId: 31337, name: 'local', testnet: true },
  { chainId: 84532, name: 'base-sepolia', testnet: true },
  { chainId: 1, name: 'mainnet', testnet: false },
];

/** @param {import('mongodb').Db} db */
export async function up(db) {
  const blockchains = db.collection('Blockchain');
  await blockchains.createIndex({ chainId: 1 }, { name: 'blockchain_chain_id', unique: true });
  const now = new Date();
  for (const chain of chains) {
    // Parse gives its objects ids of text. A fixed one finds its own earlier work.
    await blockchains.updateOne(
      { chainId: chain.chainId },
      { $setOnInsert: { _id: `chain-${chain.chainId}`, _created_at: now, _updated_at: now, ...chain } },
      { upsert: true },
    );
  }
}

/** @param {import('mongodb').Db} db */
export async function down(db) {
  const blockchains = db.collection('Blockchain');
  await blockchains.deleteMany({ _id: { $in: chains.map(({ chainId }) => `chain-${chainId}`) } });
  await blockchains.dropIndex('blockchain_chain_id');
}
