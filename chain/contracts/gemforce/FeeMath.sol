// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title How a price is shared out
/// @notice A library with an address of its own, which facets are linked with.
library FeeMath {
    /// @notice What a whole is in basis points.
    uint256 internal constant WHOLE = 10_000;

    /// @notice Fee and royalty are more than the price: somebody would have to pay for selling.
    error SharesAbovePrice(uint256 fee, uint256 royalty, uint256 price);

    /// @notice The fee of a price. Rounds down, in favour of the seller.
    /// @param price The price.
    /// @param feeBps The fee in basis points.
    function feeOf(uint256 price, uint256 feeBps) public pure returns (uint256) {
        return (price * feeBps) / WHOLE;
    }

    /// @notice Shares a price out so that the parts are the whole: the seller gets what the others leave.
    /// @param price The price.
    /// @param feeBps The fee in basis points.
    /// @param royalty What the creator gets.
    function split(
        uint256 price,
        uint256 feeBps,
        uint256 royalty
    ) external pure returns (uint256 fee, uint256 proceeds) {
        fee = feeOf(price, feeBps);
        if (royalty > price || fee > price - royalty) revert SharesAbovePrice(fee, royalty, price);
        proceeds = price - fee - royalty;
    }
}
