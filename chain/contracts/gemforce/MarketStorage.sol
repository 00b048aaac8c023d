// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMarketplace} from "./IMarketplace.sol";

/// @title What the market keeps
/// @notice Shared by all versions of MarketplaceFacet, by the minter, which ends the listing of a token that moves,
/// and by the initialiser.
library MarketStorage {
    /// @custom:storage-location erc7201:cutover.storage.Market
    struct Stored {
        mapping(uint256 tokenId => IMarketplace.Listing) listings;
        mapping(address account => uint256) creditOf;
        address treasury;
        uint16 feeBps;
    }

    /// @notice The highest fee: a tenth.
    uint16 internal constant MAX_FEE_BPS = 1_000;

    // keccak256(abi.encode(uint256(keccak256("cutover.storage.Market")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant SLOT = 0x08f690ece371feb66d6206b07bf5efa8ce4c7dc594518b4cc4b4c108fc7f0a00;

    /// @dev The diamond's market.
    function stored() internal pure returns (Stored storage market) {
        bytes32 slot = SLOT;
        assembly ("memory-safe") {
            market.slot := slot
        }
    }

    /// @dev Ends a listing, if there is one.
    function end(uint256 tokenId) internal {
        Stored storage market = stored();
        if (market.listings[tokenId].seller == address(0)) return;
        delete market.listings[tokenId];
        emit IMarketplace.ListingEnded(tokenId);
    }

    /// @dev Sets the fee of future listings.
    function setFee(uint16 feeBps) internal {
        if (feeBps > MAX_FEE_BPS) revert IMarketplace.FeeTooHigh(feeBps, MAX_FEE_BPS);
        stored().feeBps = feeBps;
        emit IMarketplace.FeeSet(feeBps);
    }

    /// @dev Sets where fees go.
    function setTreasury(address treasury) internal {
        if (treasury == address(0)) revert IMarketplace.ZeroAddress();
        stored().treasury = treasury;
        emit IMarketplace.TreasurySet(treasury);
    }
}
