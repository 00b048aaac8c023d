// Indexes of what the listener writes and the API reads. Parse makes the classes; an index may come first.
const indexes = [
  ['SmartContract', { chainId: 1, address: 1 }, { name: 'smart_contract_address', unique: true }],
  ['SmartContract', { kind: 1, chainId: 1 }, { name: 'smart_contract_kind' }],
  ['Identity', { walletAddress: 1 }, { name: 'identity_wallet', unique: true }],
  ['Transaction', { hash: 1 }, { name: 'transaction_hash', unique: true }],
  // The monitor asks for what is still pending, the oldest first.
  ['Transaction', { status: 1, _created_at: 1 }, { name: 'transaction_status' }],
  [
    'ContractEvent',
    { chainId: 1, transactionHash: 1, logIndex: 1 },
    { name: 'contract_event_log', unique: true },
  ],
  ['ContractEvent', { address: 1, event: 1, blockNumber: -1 }, { name: 'contract_event_by_address' }],
];

/** @param {import('mongodb').Db} db */
export async function up(db) {
  for (const [collection, keys, options] of indexes)
    await db.collection(collection).createIndex(keys, options);
}

/** @param {import('mongodb').Db} db */
export async function down(db) {
  for (const [collection, , { name }] of indexes.toReversed())
    await db.collection(collection).dropIndex(name);
}
