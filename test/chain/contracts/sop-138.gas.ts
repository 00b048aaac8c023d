import { id as keccak } from 'ethers';
import { testSource, type Chain } from './chain-kit.ts';
import { exitDelay, meddlerSource, openStage } from './sop-138-kit.ts';

/** A contract is let in and operated, with and without validations; an emergency, with recovery; the way back. */
export async function scenario(chain: Chain): Promise<void> {
  const stage = await openStage(chain);
  const { machine, operations, work, who } = stage;
  await stage.letIn(await chain.deploy(meddlerSource, 'Thing', [1]));
  for (const validated of [false, true]) {
    await stage.allow({ validated });
    for (const amount of [5n, 6n, 7n]) {
      const call = stage.working(amount, amount);
      const until = (await chain.now()) + 3_600;
      if (validated) await stage.act('validator', 'validate', [await stage.ask('callHash', ...call), until]);
      await stage.act('operator', 'execute', call);
    }
  }
  // Beyond 256, each validation has an older one give way.
  for (let index = 0; index < 260; index++) {
    const until = (await chain.now()) + 3_600;
    await stage.act('validator', 'validate', [keccak(`call ${index}`), until]);
  }
  await stage.act('validator', 'revokeValidation', [keccak('call 200')]);
  await stage.act('validator', 'clearValidations');
  await stage.act('authority', 'removeOperation', [machine.address, work]);

  const token = await chain.deploy(testSource('Tokens'), 'PlainToken');
  const nft = await chain.deploy(meddlerSource, 'PlainNft');
  await chain.send(who.deployer, token, 'mint', [operations.address, 500n]);
  await chain.send(who.deployer, nft, 'mint', [operations.address, 7n]);
  await stage.act('pauser', 'pause');
  await stage.act('guardian', 'enterEmergency', ['keys stolen']);
  await stage.act('admin', 'recoverEther', [1_000n]);
  await stage.act('admin', 'recoverToken', [token.address, 500n]);
  await stage.act('admin', 'recoverNft', [nft.address, 7n]);
  await stage.act('admin', 'beginEmergencyExit');
  await stage.act('guardian', 'cancelEmergencyExit');
  await stage.act('admin', 'beginEmergencyExit');
  await stage.pass(exitDelay);
  await stage.act('admin', 'exitEmergency');
  await stage.act('admin', 'unpause');
  await stage.act('authority', 'removeDeployment', [machine.address]);
  await stage.act('authority', 'revokeCode', [await stage.codeHash(machine)]);
}
