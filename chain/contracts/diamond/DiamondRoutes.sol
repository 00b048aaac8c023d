// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {DiamondPause} from "./DiamondPause.sol";
import {IDiamondCut} from "./IDiamondCut.sol";
import {IPausableDiamond} from "./IPausableDiamond.sol";

/// @title Which facet serves a function of a diamond
/// @notice The storage of a diamond's routes, and the rules of EIP-2535 by which they are changed.
/// @dev A function is one slot: its facet, its place in that facet's list, and whether a pause spares it. Adding and
/// removing take the same gas however many functions there are: the last of a list moves into the gap.
library DiamondRoutes {
    /// @notice Where a function is served.
    struct Route {
        address facet;
        uint32 position;
        bool whilePaused;
    }

    /// @notice What a facet serves.
    struct Served {
        bytes4[] selectors;
        uint256 position;
    }

    /// @custom:storage-location erc7201:cutover.storage.DiamondRoutes
    struct Stored {
        mapping(bytes4 selector => Route) routes;
        mapping(address facet => Served) served;
        address[] facets;
    }

    // keccak256(abi.encode(uint256(keccak256("cutover.storage.DiamondRoutes")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant SLOT = 0x00a12baffc5b76a5bb6390d5bc4f9a480dcc524c55efee5df1872d517cbd6400;

    /// @notice The diamond does not serve this function.
    error FunctionNotFound(bytes4 selector);
    /// @notice The function cannot be added: a facet serves it already.
    error FunctionExists(bytes4 selector, address facet);
    /// @notice The function cannot be replaced: the same facet serves it already.
    error FunctionUnchanged(bytes4 selector, address facet);
    /// @notice The function is part of the diamond's own code and cannot be replaced or removed.
    error FunctionImmutable(bytes4 selector);
    /// @notice An entry of the cut names no function.
    error NoSelectors(address facet);
    /// @notice There is no code at the facet's address.
    error FacetHasNoCode(address facet);
    /// @notice The diamond as a facet of itself would call itself until the gas is used up.
    error FacetIsDiamond();
    /// @notice Removing goes with the zero address.
    error RemovalWithFacet(address facet);
    /// @notice There is no code at the initialiser's address.
    error InitializerHasNoCode(address init);
    /// @notice The initialiser reverted without saying why.
    error InitializerReverted(address init, bytes data);

    /// @dev The diamond's routes.
    function stored() internal pure returns (Stored storage routes) {
        bytes32 slot = SLOT;
        assembly ("memory-safe") {
            routes.slot := slot
        }
    }

    /// @dev Whether a function is served.
    function serves(bytes4 selector) internal view returns (bool) {
        return stored().routes[selector].facet != address(0);
    }

    /// @dev Changes functions entry by entry: what an entry adds the next may replace.
    function change(IDiamondCut.FacetCut[] memory cuts) internal {
        for (uint256 i = 0; i < cuts.length; ++i) {
            address facet = cuts[i].facetAddress;
            IDiamondCut.FacetCutAction action = cuts[i].action;
            bytes4[] memory selectors = cuts[i].functionSelectors;
            if (selectors.length == 0) revert NoSelectors(facet);
            if (action == IDiamondCut.FacetCutAction.Remove) {
                if (facet != address(0)) revert RemovalWithFacet(facet);
                for (uint256 s = 0; s < selectors.length; ++s) _remove(selectors[s]);
                continue;
            }
            if (facet == address(this)) revert FacetIsDiamond();
            if (facet.code.length == 0) revert FacetHasNoCode(facet);
            if (action == IDiamondCut.FacetCutAction.Add) {
                for (uint256 s = 0; s < selectors.length; ++s) add(facet, selectors[s]);
            } else {
                for (uint256 s = 0; s < selectors.length; ++s) _replace(facet, selectors[s]);
            }
        }
    }

    /// @dev Runs an initialiser in the diamond's storage. Its reason to revert is passed on as it is.
    function initialize(address init, bytes memory data) internal {
        if (init == address(0)) return;
        if (init.code.length == 0) revert InitializerHasNoCode(init);
        if (LowLevelCall.delegatecallNoReturn(init, data)) return;
        if (LowLevelCall.returnDataSize() == 0) revert InitializerReverted(init, data);
        LowLevelCall.bubbleRevert();
    }

    /// @dev Lists a function without looking at the facet. A diamond with functions of its own code calls it at
    /// construction, with its own address, and no cut can touch them.
    function add(address facet, bytes4 selector) internal {
        address present = stored().routes[selector].facet;
        if (present != address(0)) revert FunctionExists(selector, present);
        _attach(facet, selector, DiamondPause.alwaysWorks(selector));
    }

    /// @dev Says of a function whether a pause spares it. What is said goes with the function, not with its facet: it
    /// outlives a replacement, and not a removal.
    function setWhilePaused(bytes4 selector, bool works) internal {
        Route storage route = stored().routes[selector];
        if (route.facet == address(0)) revert FunctionNotFound(selector);
        route.whilePaused = works;
        emit IPausableDiamond.WhilePausedSet(selector, works);
    }

    function _replace(address facet, bytes4 selector) private {
        Route memory route = _changeable(selector);
        if (route.facet == facet) revert FunctionUnchanged(selector, facet);
        _detach(route, selector);
        _attach(facet, selector, route.whilePaused);
    }

    function _remove(bytes4 selector) private {
        Route memory route = _changeable(selector);
        delete stored().routes[selector];
        _detach(route, selector);
    }

    /// @dev The route of a function that is there and not part of the diamond's code.
    function _changeable(bytes4 selector) private view returns (Route memory route) {
        route = stored().routes[selector];
        if (route.facet == address(0)) revert FunctionNotFound(selector);
        if (route.facet == address(this)) revert FunctionImmutable(selector);
    }

    /// @dev Writes a route and puts the function at the end of its facet's list.
    function _attach(address facet, bytes4 selector, bool whilePaused) private {
        Stored storage store = stored();
        Served storage served = store.served[facet];
        uint256 position = served.selectors.length;
        if (position == 0) {
            served.position = store.facets.length;
            store.facets.push(facet);
        }
        served.selectors.push(selector);
        store.routes[selector] = Route({facet: facet, position: uint32(position), whilePaused: whilePaused});
    }

    /// @dev Takes a function from its facet's list, and the facet from the list of facets when it was its last.
    function _detach(Route memory route, bytes4 selector) private {
        Stored storage store = stored();
        bytes4[] storage selectors = store.served[route.facet].selectors;
        bytes4 last = selectors[selectors.length - 1];
        if (last != selector) {
            selectors[route.position] = last;
            store.routes[last].position = route.position;
        }
        selectors.pop();
        if (selectors.length != 0) return;

        uint256 position = store.served[route.facet].position;
        address lastFacet = store.facets[store.facets.length - 1];
        if (lastFacet != route.facet) {
            store.facets[position] = lastFacet;
            store.served[lastFacet].position = position;
        }
        store.facets.pop();
        delete store.served[route.facet];
    }
}
