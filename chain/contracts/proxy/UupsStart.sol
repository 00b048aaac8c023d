// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";

/// @title What a UUPS proxy runs before its first implementation
/// @notice It does one thing: its owner may upgrade. It keeps nothing in the proxy's storage, so the first
/// implementation finds all of it empty.
contract UupsStart is UUPSUpgradeable {
    /// @notice Who brings the first implementation.
    address public immutable owner;

    /// @param owner_ Who brings the first implementation.
    constructor(address owner_) {
        if (owner_ == address(0)) revert Ownable.OwnableInvalidOwner(owner_);
        owner = owner_;
    }

    /// @notice Does nothing. A proxy of OpenZeppelin must call something when it is created.
    function start() external pure {}

    function _authorizeUpgrade(address) internal view override {
        if (msg.sender != owner) revert Ownable.OwnableUnauthorizedAccount(msg.sender);
    }
}
