/** What is known of types and arguments, as `toolchain/twin-facts` distils it into facts/. */
export type { EngineFacts, Fact, FactTable, TypeFacts } from '../../toolchain/twin-facts/table.ts';
