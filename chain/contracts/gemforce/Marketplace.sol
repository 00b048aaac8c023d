// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC2981} from "@openzeppelin/contracts/interfaces/IERC2981.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {DiamondAccess} from "../diamond/DiamondAccess.sol";
import {FeeMath} from "./FeeMath.sol";
import {IMarketplace} from "./IMarketplace.sol";
import {MarketStorage} from "./MarketStorage.sol";

/// @title What all versions of the market have in common
/// @dev The guard's slot is the diamond's, so no guarded function of any facet is entered during another.
abstract contract Marketplace is IMarketplace, ReentrancyGuardTransient {
    /// @notice The highest fee in basis points.
    uint256 public constant MAX_FEE_BPS = MarketStorage.MAX_FEE_BPS;
    /// @notice Gas that the treasury gets to take a fee; a Safe needs about 7,000. A fee that it does not take is kept
    /// for it, so no treasury can stop the sales.
    uint256 public constant PUSH_GAS = 50_000;

    /// @inheritdoc IMarketplace
    function listItem(uint256 tokenId, uint256 price) external nonReentrant {
        if (IERC721(address(this)).ownerOf(tokenId) != msg.sender) revert NotTheOwner(tokenId, msg.sender);
        MarketStorage.Stored storage market = MarketStorage.stored();
        if (market.listings[tokenId].seller != address(0)) revert AlreadyListed(tokenId);
        _list(tokenId, price, market.feeBps);
    }

    /// @inheritdoc IMarketplace
    function cancelListing(uint256 tokenId) external nonReentrant {
        _listingOfCaller(tokenId);
        MarketStorage.end(tokenId);
    }

    /// @inheritdoc IMarketplace
    function purchaseItem(address token, uint256 tokenId) external payable virtual nonReentrant {
        Listing memory listing = _listing(token, tokenId);
        if (msg.value != listing.price) revert WrongPayment(msg.value, listing.price);
        _sell(tokenId, listing);
    }

    /// @inheritdoc IMarketplace
    function withdraw(address payable to) external nonReentrant {
        _payOut(msg.sender, to);
    }

    /// @inheritdoc IMarketplace
    function withdrawFor(address payable account) external nonReentrant {
        _payOut(account, account);
    }

    /// @inheritdoc IMarketplace
    function setFee(uint16 newFeeBps) external {
        DiamondAccess.check(DiamondAccess.DEFAULT_ADMIN_ROLE);
        MarketStorage.setFee(newFeeBps);
    }

    /// @inheritdoc IMarketplace
    function setTreasury(address newTreasury) external {
        DiamondAccess.check(DiamondAccess.DEFAULT_ADMIN_ROLE);
        MarketStorage.setTreasury(newTreasury);
    }

    /// @inheritdoc IMarketplace
    function getListing(uint256 tokenId) external view returns (Listing memory) {
        return MarketStorage.stored().listings[tokenId];
    }

    /// @inheritdoc IMarketplace
    function creditOf(address account) external view returns (uint256) {
        return MarketStorage.stored().creditOf[account];
    }

    /// @inheritdoc IMarketplace
    function feeBps() external view returns (uint256) {
        return MarketStorage.stored().feeBps;
    }

    /// @inheritdoc IMarketplace
    function treasury() external view returns (address) {
        return MarketStorage.stored().treasury;
    }

    /// @dev Writes an offer of the caller.
    function _list(uint256 tokenId, uint256 price, uint16 fee) internal {
        if (price == 0 || price > type(uint80).max) revert BadPrice(price, type(uint80).max);
        MarketStorage.stored().listings[tokenId] = Listing(msg.sender, fee, uint80(price));
        emit ItemListed(tokenId, msg.sender, price, fee);
    }

    /// @dev What is for sale.
    function _listing(address token, uint256 tokenId) internal view returns (Listing memory listing) {
        if (token != address(this)) revert NotSoldHere(token);
        listing = MarketStorage.stored().listings[tokenId];
        if (listing.seller == address(0)) revert NotListed(tokenId);
    }

    /// @dev What the caller has for sale.
    function _listingOfCaller(uint256 tokenId) internal view returns (Listing memory listing) {
        listing = _listing(address(this), tokenId);
        if (listing.seller != msg.sender) revert NotTheSeller(tokenId, msg.sender);
    }

    /// @dev Shares the price out and hands the token over. The listing is what allows the transfer, which ends it
    /// before the buyer is called.
    function _sell(uint256 tokenId, Listing memory listing) internal {
        (address creator, uint256 royalty) = _royalty(tokenId, listing.price);
        (uint256 fee, uint256 proceeds) = FeeMath.split(listing.price, listing.feeBps, royalty);
        emit ItemSold(tokenId, listing.seller, msg.sender, listing.price, fee, creator, royalty);
        _credit(creator, royalty);
        _credit(listing.seller, proceeds);
        _payFee(fee);
        IERC721(address(this)).safeTransferFrom(listing.seller, msg.sender, tokenId);
    }

    /// @dev What the creator gets by ERC-2981. Nothing when it names nobody: then the seller gets it.
    function _royalty(
        uint256 tokenId,
        uint256 price
    ) internal view returns (address creator, uint256 royalty) {
        (creator, royalty) = IERC2981(address(this)).royaltyInfo(tokenId, price);
        if (creator == address(0)) royalty = 0;
    }

    /// @dev Keeps ether for an account.
    function _credit(address account, uint256 amount) internal {
        if (amount == 0) return;
        MarketStorage.stored().creditOf[account] += amount;
        emit Credited(account, amount);
    }

    /// @dev Sends the treasury its fee, or keeps it. The answer is not copied: a long one would cost the buyer.
    function _payFee(uint256 fee) private {
        if (fee == 0) return;
        address to = MarketStorage.stored().treasury;
        uint256 allowance = PUSH_GAS;
        bool paid;
        assembly ("memory-safe") {
            paid := call(allowance, to, fee, 0x00, 0x00, 0x00, 0x00)
        }
        if (!paid) _credit(to, fee);
    }

    function _payOut(address account, address payable to) private {
        if (to == address(0)) revert ZeroAddress();
        uint256 amount = MarketStorage.stored().creditOf[account];
        if (amount == 0) revert ZeroAmount();
        MarketStorage.stored().creditOf[account] = 0;
        emit CreditWithdrawn(account, to, amount);
        Address.sendValue(to, amount);
    }
}
