// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What a transparent proxy points to before its first implementation
contract TransparentStart {
    /// @notice Does nothing. A proxy of OpenZeppelin must call something when it is created.
    function start() external pure {}
}
