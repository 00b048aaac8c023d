// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Diamond} from "../../../../../chain/contracts/diamond/Diamond.sol";
import {DiamondInterfaces} from "../../../../../chain/contracts/diamond/DiamondInterfaces.sol";
import {DiamondRoutes} from "../../../../../chain/contracts/diamond/DiamondRoutes.sol";
import {IDiamondCut} from "../../../../../chain/contracts/diamond/IDiamondCut.sol";

/// Serves every function, and says which facet it is and what was called.
contract Echo {
    uint256 public immutable number;

    constructor(uint256 number_) {
        number = number_;
    }

    fallback(bytes calldata input) external payable returns (bytes memory) {
        return abi.encode(number, msg.sender, msg.value, input);
    }
}

/// A diamond with a function of its own code.
contract DiamondWithOwn is Diamond {
    constructor(
        address admin,
        IDiamondCut.FacetCut[] memory cuts
    ) Diamond(admin, cuts, address(0), "") {
        DiamondRoutes.add(address(this), this.own.selector);
    }

    function own() external pure returns (uint256) {
        return 42;
    }
}

/// Initialisers, most of which go wrong.
contract Inits {
    error Sorry(uint256 code);

    event Ran(address where, address caller);

    uint256[50] private _gap;

    function fine() external {
        emit Ran(address(this), msg.sender);
    }

    function saysWhy() external pure {
        revert Sorry(7);
    }

    function saysWhyInWords() external pure {
        revert("no luck");
    }

    function saysNothing() external pure {
        assembly {
            revert(0, 0)
        }
    }

    function panics(uint256 zero) external pure returns (uint256) {
        return 1 / zero;
    }

    /// Calls the diamond from outside in the middle of a cut, and remembers in its events what came of it.
    function callsBack(address target, bytes calldata payload) external {
        (bool done, bytes memory answer) = target.call(payload);
        emit CalledBack(done, answer);
    }

    event CalledBack(bool done, bytes answer);

    function claims(bytes4 id, bool supported) external {
        DiamondInterfaces.set(id, supported);
    }
}
