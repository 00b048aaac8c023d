// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Proxy} from "@openzeppelin/contracts/proxy/Proxy.sol";
import {DiamondAccess} from "./DiamondAccess.sol";
import {DiamondPause} from "./DiamondPause.sol";
import {DiamondRoutes} from "./DiamondRoutes.sol";
import {IDiamondCut} from "./IDiamondCut.sol";

/// @title Diamond
/// @notice One contract whose functions come from many (EIP-2535). It has no function of its own: what it serves, who
/// may change that, and whether it is paused are facets like all others.
/// @dev The pause is looked at here, where no facet can forget it. A call costs two storage reads more than one of the
/// facet itself: its route, and the pause. Functions that work while paused save the second.
contract Diamond is Proxy {
    /// @notice The diamond is paused, and this function with it.
    error FunctionPaused(bytes4 selector);
    /// @notice Ether comes with a call of a function that takes it. Without one nobody would know whose it is.
    error PlainEtherRefused();

    /// @notice The deployer gets nothing, so the diamond may come from any factory.
    /// @param admin The owner; where the cut brings `grantRole`, the holder of all roles. See DiamondAccess.begin.
    /// @param cuts The functions to begin with. Without `diamondCut` among them the diamond is final.
    /// @param init A contract with an initialiser, or the zero address.
    /// @param data The call of the initialiser.
    constructor(address admin, IDiamondCut.FacetCut[] memory cuts, address init, bytes memory data) {
        DiamondRoutes.change(cuts);
        DiamondAccess.begin(admin);
        emit IDiamondCut.DiamondCut(cuts, init, data);
        DiamondRoutes.initialize(init, data);
    }

    /// @dev The facet that serves the call, unless the diamond is paused.
    function _implementation() internal view override returns (address facet) {
        DiamondRoutes.Route storage route = DiamondRoutes.stored().routes[msg.sig];
        facet = route.facet;
        // Fewer than four bytes are no selector, though zeros are read behind them.
        if (facet == address(0) || msg.data.length < 4) revert DiamondRoutes.FunctionNotFound(msg.sig);
        if (!route.whilePaused && DiamondPause.stored().paused) revert FunctionPaused(msg.sig);
    }

    receive() external payable {
        revert PlainEtherRefused();
    }
}
