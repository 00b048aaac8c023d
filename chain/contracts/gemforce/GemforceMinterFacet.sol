// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC721Upgradeable} from "@openzeppelin/contracts-upgradeable/token/ERC721/ERC721Upgradeable.sol";
import {ERC2981Upgradeable} from "@openzeppelin/contracts-upgradeable/token/common/ERC2981Upgradeable.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {DiamondAccess} from "../diamond/DiamondAccess.sol";
import {AttributeLib} from "./AttributeLib.sol";
import {GemStorage} from "./GemStorage.sol";
import {IGemforceMinter} from "./IGemforceMinter.sol";
import {MarketStorage} from "./MarketStorage.sol";

/// @title GemforceMinterFacet
/// @notice Gemforce's tokens: ERC-721 with attributes and royalties. Leave `supportsInterface` out of its functions:
/// DiamondLoupeFacet serves it.
contract GemforceMinterFacet is
    IGemforceMinter,
    ERC721Upgradeable,
    ERC2981Upgradeable,
    ReentrancyGuardTransient
{
    /// @notice Mints.
    bytes32 public constant MINTER_ROLE = GemStorage.MINTER_ROLE;
    /// @notice Attributes of a token at most.
    uint256 public constant MAX_ATTRIBUTES = AttributeLib.MAX_ATTRIBUTES;

    /// @inheritdoc IGemforceMinter
    function gemforceMint(Attribute[] calldata metadata) external nonReentrant returns (uint256 tokenId) {
        tokenId = _prepare(metadata);
        _mint(msg.sender, tokenId);
    }

    /// @inheritdoc IGemforceMinter
    function gemforceMintTo(
        address to,
        Attribute[] calldata metadata
    ) external nonReentrant returns (uint256 tokenId) {
        tokenId = _prepare(metadata);
        _safeMint(to, tokenId);
    }

    /// @inheritdoc IGemforceMinter
    function setBaseURI(string calldata newBaseURI) external {
        DiamondAccess.check(DiamondAccess.DEFAULT_ADMIN_ROLE);
        GemStorage.setBaseURI(newBaseURI);
    }

    /// @inheritdoc IGemforceMinter
    function setRoyalty(address receiver, uint96 royaltyBps) external {
        DiamondAccess.check(DiamondAccess.DEFAULT_ADMIN_ROLE);
        if (royaltyBps == 0) _deleteDefaultRoyalty();
        else _setDefaultRoyalty(receiver, royaltyBps);
        emit RoyaltySet(receiver, royaltyBps);
    }

    /// @inheritdoc IGemforceMinter
    function attributesOf(uint256 tokenId) external view returns (Attribute[] memory) {
        _requireOwned(tokenId);
        return GemStorage.stored().attributes[tokenId];
    }

    /// @inheritdoc IGemforceMinter
    function attributeOf(uint256 tokenId, string calldata key) external view returns (Attribute memory) {
        _requireOwned(tokenId);
        Attribute[] storage attributes = GemStorage.stored().attributes[tokenId];
        (bool found, Attribute memory attribute) = AttributeLib.find(attributes, key);
        if (!found) revert NoSuchAttribute(tokenId, key);
        return attribute;
    }

    /// @inheritdoc IGemforceMinter
    function totalMinted() external view returns (uint256) {
        return GemStorage.stored().totalMinted;
    }

    /// @inheritdoc IGemforceMinter
    function baseURI() external view returns (string memory) {
        return _baseURI();
    }

    /// @dev Only so that there is one of it; a diamond serves that of DiamondLoupeFacet.
    function supportsInterface(
        bytes4 interfaceId
    ) public view override(ERC721Upgradeable, ERC2981Upgradeable) returns (bool) {
        return super.supportsInterface(interfaceId);
    }

    /// @dev Takes the next number and writes the attributes.
    function _prepare(Attribute[] calldata metadata) private returns (uint256 tokenId) {
        DiamondAccess.check(MINTER_ROLE);
        tokenId = GemStorage.stored().totalMinted++;
        AttributeLib.write(GemStorage.stored().attributes[tokenId], metadata);
        emit GemforceMinted(tokenId, msg.sender, metadata);
    }

    /// @dev While a token is listed the diamond itself may move it, and only then: a facet that let others call in the
    /// diamond's name could take no token that is not for sale.
    function _isAuthorized(
        address owner,
        address spender,
        uint256 tokenId
    ) internal view override returns (bool) {
        bool listed = spender == address(this) && MarketStorage.stored().listings[tokenId].seller == owner;
        return listed || super._isAuthorized(owner, spender, tokenId);
    }

    /// @dev A token that moves is not for sale any more. A listing that stayed would come alive again, with its old
    /// price, when the token returned to the seller.
    function _update(address to, uint256 tokenId, address auth) internal override returns (address from) {
        from = super._update(to, tokenId, auth);
        MarketStorage.end(tokenId);
    }

    function _baseURI() internal view override returns (string memory) {
        return GemStorage.stored().baseURI;
    }
}
