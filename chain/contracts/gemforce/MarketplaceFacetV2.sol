// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FeeMath} from "./FeeMath.sol";
import {IMarketplace} from "./IMarketplace.sol";
import {Marketplace} from "./Marketplace.sol";

/// @title MarketplaceFacetV2
/// @notice Gemforce's market, version 2. `purchaseItem` takes more than the price and keeps the rest for the buyer;
/// `updatePrice` and `quote` are new; `feeOf` is gone, `quote` says more. Listings and credits of version 1 stay.
contract MarketplaceFacetV2 is Marketplace {
    /// @inheritdoc IMarketplace
    /// @dev What is sent is the most that the buyer pays: the price may have come down meanwhile, and not gone above.
    function purchaseItem(address token, uint256 tokenId) external payable override nonReentrant {
        Listing memory listing = _listing(token, tokenId);
        if (msg.value < listing.price) revert WrongPayment(msg.value, listing.price);
        _credit(msg.sender, msg.value - listing.price);
        _sell(tokenId, listing);
    }

    /// @notice Changes the price of an offer of the caller, and with it nothing else: the fee stays.
    /// @param tokenId The token.
    /// @param price The new price in wei.
    function updatePrice(uint256 tokenId, uint256 price) external nonReentrant {
        Listing memory listing = _listingOfCaller(tokenId);
        _list(tokenId, price, listing.feeBps);
    }

    /// @notice Who gets what when a token is sold now.
    /// @param tokenId The token.
    function quote(
        uint256 tokenId
    ) external view returns (uint256 price, uint256 fee, uint256 royalty, uint256 proceeds) {
        Listing memory listing = _listing(address(this), tokenId);
        price = listing.price;
        (, royalty) = _royalty(tokenId, price);
        (fee, proceeds) = FeeMath.split(price, listing.feeBps, royalty);
    }
}
