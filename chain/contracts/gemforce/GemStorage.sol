// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGemforceMinter} from "./IGemforceMinter.sol";

/// @title What the minter keeps beside OpenZeppelin's ERC-721 and ERC-2981
library GemStorage {
    /// @custom:storage-location erc7201:cutover.storage.Gems
    struct Stored {
        uint256 totalMinted;
        string baseURI;
        mapping(uint256 tokenId => IGemforceMinter.Attribute[]) attributes;
    }

    /// @notice Mints.
    bytes32 internal constant MINTER_ROLE = keccak256("MINTER_ROLE");

    // keccak256(abi.encode(uint256(keccak256("cutover.storage.Gems")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant SLOT = 0xd5b60f55b2b56faf388df12b8ce0b5c9ce51b2cc56ab24ae802b87912d734700;

    /// @dev The diamond's gems.
    function stored() internal pure returns (Stored storage gems) {
        bytes32 slot = SLOT;
        assembly ("memory-safe") {
            gems.slot := slot
        }
    }

    /// @dev Sets what comes before the number in a token's URI.
    function setBaseURI(string calldata baseURI) internal {
        stored().baseURI = baseURI;
        emit IGemforceMinter.BaseURISet(baseURI);
    }
}
