// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DiamondAccess} from "./DiamondAccess.sol";
import {DiamondRoutes} from "./DiamondRoutes.sol";
import {IDiamondCut} from "./IDiamondCut.sol";

/// @title The facet that changes which facet serves what
/// @notice For the owner or CUTTER_ROLE. Works while paused: a faulty facet is cut out before the pause ends.
contract DiamondCutFacet is IDiamondCut {
    /// @inheritdoc IDiamondCut
    /// @dev All routes are written before the initialiser runs, so whatever it calls meets a finished diamond.
    function diamondCut(FacetCut[] calldata _diamondCut, address _init, bytes calldata _calldata) external {
        DiamondAccess.check(DiamondAccess.CUTTER_ROLE);
        DiamondRoutes.change(_diamondCut);
        emit DiamondCut(_diamondCut, _init, _calldata);
        DiamondRoutes.initialize(_init, _calldata);
    }
}
