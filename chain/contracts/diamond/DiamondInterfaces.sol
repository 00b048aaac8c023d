// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Which interfaces a diamond says that it has
/// @notice A table that initialisers write, for interfaces that the diamond itself knows nothing of.
library DiamondInterfaces {
    /// @custom:storage-location erc7201:cutover.storage.DiamondInterfaces
    struct Stored {
        mapping(bytes4 id => bool) supported;
    }

    // keccak256(abi.encode(uint256(keccak256("cutover.storage.DiamondInterfaces")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant SLOT = 0x7934f43a61cc591d0611fc3f3c84bca70576000fe2e86383b9be8580b800e400;

    /// @notice ERC-165 has 0xffffffff stand for no interface.
    error NoInterface();

    /// @dev The diamond's table of interfaces.
    function stored() internal pure returns (Stored storage interfaces) {
        bytes32 slot = SLOT;
        assembly ("memory-safe") {
            interfaces.slot := slot
        }
    }

    /// @dev Says of an interface whether the diamond has it.
    function set(bytes4 id, bool supported) internal {
        if (id == 0xffffffff) revert NoInterface();
        stored().supported[id] = supported;
    }
}
