// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DiamondAccess} from "./DiamondAccess.sol";
import {IERC173} from "./IERC173.sol";
import {IOwnership} from "./IOwnership.sol";

/// @title The facet of a diamond that has one owner
contract OwnershipFacet is IOwnership {
    modifier onlyOwner() {
        if (msg.sender != DiamondAccess.stored().owner) revert OwnableUnauthorizedAccount(msg.sender);
        _;
    }

    /// @inheritdoc IERC173
    /// @dev Offers ownership; the zero address takes an offer back.
    function transferOwnership(address _newOwner) external onlyOwner {
        DiamondAccess.stored().pendingOwner = _newOwner;
        emit OwnershipTransferStarted(msg.sender, _newOwner);
    }

    /// @inheritdoc IOwnership
    function acceptOwnership() external {
        if (msg.sender != DiamondAccess.stored().pendingOwner) revert OwnableUnauthorizedAccount(msg.sender);
        DiamondAccess.setOwner(msg.sender);
    }

    /// @inheritdoc IOwnership
    function renounceOwnership() external onlyOwner {
        DiamondAccess.setOwner(address(0));
    }

    /// @inheritdoc IERC173
    function owner() external view returns (address owner_) {
        return DiamondAccess.stored().owner;
    }

    /// @inheritdoc IOwnership
    function pendingOwner() external view returns (address) {
        return DiamondAccess.stored().pendingOwner;
    }
}
