// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What Gemforce mints: ERC-721 tokens with attributes
interface IGemforceMinter {
    /// @notice What the value of an attribute is.
    enum AttributeType {
        Text,
        Number
    }

    /// @notice One attribute of a token; fixed when the token is minted.
    /// @param key Its name, once in a token.
    /// @param attributeType What the value is.
    /// @param value The value; a number in decimal digits, with a minus and a point where needed.
    struct Attribute {
        string key;
        AttributeType attributeType;
        string value;
    }

    /// @notice A token was minted. Who got it is in `Transfer`.
    event GemforceMinted(uint256 indexed tokenId, address indexed minter, Attribute[] metadata);
    /// @notice The address before all token URIs changed.
    event BaseURISet(string baseURI);
    /// @notice The royalty of all tokens changed.
    event RoyaltySet(address indexed receiver, uint96 royaltyBps);

    /// @notice A token has at most MAX_ATTRIBUTES attributes.
    error TooManyAttributes(uint256 count, uint256 maximum);
    /// @notice A key is 1 to 64 bytes long.
    error BadKey(string key);
    /// @notice A value is at most 256 bytes long.
    error ValueTooLong(string key);
    /// @notice The value is no number.
    error NotANumber(string key, string value);
    /// @notice A token has each attribute once.
    error DuplicateKey(string key);
    /// @notice The token has no such attribute.
    error NoSuchAttribute(uint256 tokenId, string key);

    /// @notice Mints the next token for the caller. For MINTER_ROLE or the owner.
    /// @param metadata Its attributes.
    /// @return tokenId Its number; the first is 0.
    function gemforceMint(Attribute[] calldata metadata) external returns (uint256 tokenId);

    /// @notice Mints the next token for somebody else, who must be able to hold it. For MINTER_ROLE or the owner.
    /// @param to Who gets it.
    /// @param metadata Its attributes.
    /// @return tokenId Its number.
    function gemforceMintTo(address to, Attribute[] calldata metadata) external returns (uint256 tokenId);

    /// @notice Sets what comes before the number in a token's URI. For DEFAULT_ADMIN_ROLE or the owner.
    /// @param newBaseURI For example https://api.example.com/gems/; nothing leaves tokens without URI.
    function setBaseURI(string calldata newBaseURI) external;

    /// @notice Sets the royalty of all tokens (ERC-2981). For DEFAULT_ADMIN_ROLE or the owner.
    /// @param receiver Who gets it.
    /// @param royaltyBps The share of the price in basis points; zero for none.
    function setRoyalty(address receiver, uint96 royaltyBps) external;

    /// @notice All attributes of a token.
    /// @param tokenId The token.
    function attributesOf(uint256 tokenId) external view returns (Attribute[] memory);

    /// @notice One attribute of a token.
    /// @param tokenId The token.
    /// @param key Its name.
    function attributeOf(uint256 tokenId, string calldata key) external view returns (Attribute memory);

    /// @notice How many tokens have been minted; the next one has this number.
    function totalMinted() external view returns (uint256);

    /// @notice What comes before the number in a token's URI.
    function baseURI() external view returns (string memory);
}
