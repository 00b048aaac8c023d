// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DiamondAccess} from "./DiamondAccess.sol";
import {DiamondPause} from "./DiamondPause.sol";
import {DiamondRoutes} from "./DiamondRoutes.sol";
import {IPausableDiamond} from "./IPausableDiamond.sol";

/// @title The facet that stops a diamond in an emergency and lets it run again
contract PausableFacet is IPausableDiamond {
    /// @inheritdoc IPausableDiamond
    function pause() external {
        DiamondAccess.check(DiamondAccess.PAUSER_ROLE);
        if (DiamondPause.stored().paused) revert EnforcedPause();
        DiamondPause.stored().paused = true;
        emit Paused(msg.sender);
    }

    /// @inheritdoc IPausableDiamond
    function unpause() external {
        DiamondAccess.check(DiamondAccess.DEFAULT_ADMIN_ROLE);
        if (!DiamondPause.stored().paused) revert ExpectedPause();
        DiamondPause.stored().paused = false;
        emit Unpaused(msg.sender);
    }

    /// @inheritdoc IPausableDiamond
    function setWorksWhilePaused(bytes4[] calldata selectors, bool works) external {
        DiamondAccess.check(DiamondAccess.CUTTER_ROLE);
        for (uint256 i = 0; i < selectors.length; ++i) {
            if (DiamondPause.alwaysWorks(selectors[i])) revert AlwaysWorks(selectors[i]);
            DiamondRoutes.setWhilePaused(selectors[i], works);
        }
    }

    /// @inheritdoc IPausableDiamond
    function paused() external view returns (bool) {
        return DiamondPause.stored().paused;
    }

    /// @inheritdoc IPausableDiamond
    function worksWhilePaused(bytes4 selector) external view returns (bool) {
        return DiamondRoutes.stored().routes[selector].whilePaused;
    }
}
