const { buildModule } = require('@nomicfoundation/hardhat-ignition/modules');
const system = require(`../../systems/${process.env.BENCH_FACETS}.json`);

// As Ignition's users write it: what does not depend on each other is sent together.
module.exports = buildModule('Bench', (m) => {
  const libraries = Object.fromEntries(system.libraries.map((name) => [name, m.library(name)]));
  const base = m.contract(system.base.name);
  const add = (facet, selectors) => ({ facetAddress: facet, action: 0, functionSelectors: selectors });
  const diamond = m.contract('Diamond', [
    system.admin,
    [add(base, system.base.selectors)],
    system.nobody,
    '0x',
  ]);
  const facets = new Map(system.facets.map(({ name }) => [name, m.contract(name, [], { libraries })]));
  const cuts = m.contractAt('DiamondCutFacet', diamond, { id: 'Cuts' });
  let before = [];
  system.cuts.forEach((names, index) => {
    const entries = names.map((name) =>
      add(facets.get(name), system.facets.find((each) => each.name === name).selectors),
    );
    const last = index === system.cuts.length - 1;
    const call = m.call(
      cuts,
      'diamondCut',
      [entries, last ? base : system.nobody, last ? system.initialize : '0x'],
      { id: `cut${index}`, after: before },
    );
    before = [call];
  });
  return { diamond };
});
