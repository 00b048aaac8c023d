const system = require(`../systems/${process.env.BENCH_FACETS}.json`);

// As hardhat-deploy's users write it: one deployment after the other.
module.exports = async ({ deployments: { deploy, execute }, getNamedAccounts }) => {
  const { deployer } = await getNamedAccounts();
  const libraries = {};
  for (const name of system.libraries) libraries[name] = (await deploy(name, { from: deployer })).address;
  const base = await deploy(system.base.name, { from: deployer });
  const add = (address, selectors) => ({ facetAddress: address, action: 0, functionSelectors: selectors });
  const { address } = await deploy('Diamond', {
    from: deployer,
    args: [system.admin, [add(base.address, system.base.selectors)], system.nobody, '0x'],
  });
  const facets = new Map();
  for (const { name } of system.facets) facets.set(name, await deploy(name, { from: deployer, libraries }));
  const { deployments } = require('hardhat');
  await deployments.save('Cuts', { address, abi: (await deployments.getArtifact('DiamondCutFacet')).abi });
  for (const [index, names] of system.cuts.entries()) {
    const entries = names.map((name) =>
      add(facets.get(name).address, system.facets.find((each) => each.name === name).selectors),
    );
    const last = index === system.cuts.length - 1;
    await execute(
      'Cuts',
      { from: deployer },
      'diamondCut',
      entries,
      last ? base.address : system.nobody,
      last ? system.initialize : '0x',
    );
  }
};
