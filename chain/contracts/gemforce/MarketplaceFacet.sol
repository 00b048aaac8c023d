// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FeeMath} from "./FeeMath.sol";
import {Marketplace} from "./Marketplace.sol";
import {MarketStorage} from "./MarketStorage.sol";

/// @title MarketplaceFacet
/// @notice Gemforce's market, version 1: whoever buys pays the price exactly.
contract MarketplaceFacet is Marketplace {
    /// @notice The fee of a price, for a token that is listed now.
    /// @param price The price in wei.
    function feeOf(uint256 price) external view returns (uint256) {
        return FeeMath.feeOf(price, MarketStorage.stored().feeBps);
    }
}
