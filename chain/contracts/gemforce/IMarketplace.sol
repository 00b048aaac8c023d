// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The market of a diamond for its own tokens
/// @notice Tokens stay with their sellers until they are sold. Ether that the market owes is fetched by who it is for.
interface IMarketplace {
    /// @notice A token that is for sale.
    /// @param seller Its owner; the zero address when the token is not for sale.
    /// @param feeBps The fee as it was when the token was listed: a later change is not the seller's.
    /// @param price The price in wei; at most 1.2 million ether, so that a listing is one slot.
    struct Listing {
        address seller;
        uint16 feeBps;
        uint80 price;
    }

    /// @notice A token is for sale, or for another price than before.
    event ItemListed(uint256 indexed tokenId, address indexed seller, uint256 price, uint256 feeBps);
    /// @notice A token is not for sale any more: cancelled, sold, or moved by its owner.
    event ListingEnded(uint256 indexed tokenId);
    /// @notice A token was sold. `price` is all that was shared out.
    event ItemSold(
        uint256 indexed tokenId,
        address indexed seller,
        address indexed buyer,
        uint256 price,
        uint256 fee,
        address royaltyReceiver,
        uint256 royalty
    );
    /// @notice Ether is kept for an account.
    event Credited(address indexed account, uint256 amount);
    /// @notice An account's ether was paid out.
    event CreditWithdrawn(address indexed account, address indexed to, uint256 amount);
    /// @notice The fee of future listings changed.
    event FeeSet(uint256 feeBps);
    /// @notice Fees go to another treasury from now on.
    event TreasurySet(address indexed treasury);

    /// @notice The zero address is no recipient.
    error ZeroAddress();
    /// @notice There is nothing to pay out.
    error ZeroAmount();
    /// @notice The market sells the tokens of this diamond only.
    error NotSoldHere(address token);
    /// @notice The price must lie between 1 wei and `maximum`.
    error BadPrice(uint256 price, uint256 maximum);
    /// @notice The fee is at most `maximum` basis points.
    error FeeTooHigh(uint256 feeBps, uint256 maximum);
    /// @notice Only the owner of a token can offer it.
    error NotTheOwner(uint256 tokenId, address account);
    /// @notice The token is for sale already.
    error AlreadyListed(uint256 tokenId);
    /// @notice The token is not for sale.
    error NotListed(uint256 tokenId);
    /// @notice Only the seller can change an offer.
    error NotTheSeller(uint256 tokenId, address account);
    /// @notice This is not the price.
    error WrongPayment(uint256 paid, uint256 price);

    /// @notice Offers a token of the caller. No approval is needed: the offer is one, to the diamond and for a sale.
    /// @param tokenId The token.
    /// @param price The price in wei.
    function listItem(uint256 tokenId, uint256 price) external;

    /// @notice Takes an offer back.
    /// @param tokenId The token.
    function cancelListing(uint256 tokenId) external;

    /// @notice Buys a token. The fee goes to the treasury at once; seller and creator fetch what is theirs.
    /// @param token The contract of the token, which is this diamond: a wallet shows the buyer whose token it is.
    /// @param tokenId The token.
    function purchaseItem(address token, uint256 tokenId) external payable;

    /// @notice Pays the caller's ether out.
    /// @param to Where to.
    function withdraw(address payable to) external;

    /// @notice Pays an account's ether out to that account; for whoever wants to pay the gas.
    /// @param account The account.
    function withdrawFor(address payable account) external;

    /// @notice Sets the fee of future listings. For DEFAULT_ADMIN_ROLE or the owner.
    /// @param newFeeBps The fee in basis points, at most MAX_FEE_BPS.
    function setFee(uint16 newFeeBps) external;

    /// @notice Sets where fees go. For DEFAULT_ADMIN_ROLE or the owner.
    /// @param newTreasury Where to.
    function setTreasury(address newTreasury) external;

    /// @notice An offer; empty when the token is not for sale.
    /// @param tokenId The token.
    function getListing(uint256 tokenId) external view returns (Listing memory);

    /// @notice Ether that the market keeps for an account.
    /// @param account The account.
    function creditOf(address account) external view returns (uint256);

    /// @notice The fee of new listings in basis points.
    function feeBps() external view returns (uint256);

    /// @notice Where fees go.
    function treasury() external view returns (address);
}
