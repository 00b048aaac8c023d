// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC721Upgradeable} from "@openzeppelin/contracts-upgradeable/token/ERC721/ERC721Upgradeable.sol";
import {ERC2981Upgradeable} from "@openzeppelin/contracts-upgradeable/token/common/ERC2981Upgradeable.sol";
import {IERC2981} from "@openzeppelin/contracts/interfaces/IERC2981.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {IERC721Metadata} from "@openzeppelin/contracts/token/ERC721/extensions/IERC721Metadata.sol";
import {DiamondAccess} from "../diamond/DiamondAccess.sol";
import {DiamondInterfaces} from "../diamond/DiamondInterfaces.sol";
import {DiamondRoutes} from "../diamond/DiamondRoutes.sol";
import {GemStorage} from "./GemStorage.sol";
import {IGemforceMinter} from "./IGemforceMinter.sol";
import {IMarketplace} from "./IMarketplace.sol";
import {MarketStorage} from "./MarketStorage.sol";

/// @title The initialiser of a Gemforce diamond
/// @notice Run once, with the cut that brings Gemforce's facets; a second run is refused by OpenZeppelin's
/// Initializable. Run by itself it does nothing.
contract GemforceInit is ERC721Upgradeable, ERC2981Upgradeable {
    /// @notice What a Gemforce diamond begins with.
    /// @param name The name of its tokens.
    /// @param symbol Their symbol.
    /// @param baseURI What comes before the number in a token's URI.
    /// @param treasury Where fees go.
    /// @param feeBps The fee in basis points.
    /// @param royaltyReceiver Who gets royalties; the zero address when there are none.
    /// @param royaltyBps The royalty in basis points.
    /// @param minters Who may mint beside the owner.
    /// @param pausers Who may pause beside the owner, from the first block on.
    struct Settings {
        string name;
        string symbol;
        string baseURI;
        address treasury;
        uint16 feeBps;
        address royaltyReceiver;
        uint96 royaltyBps;
        address[] minters;
        address[] pausers;
    }

    constructor() {
        _disableInitializers();
    }

    /// @notice Sets a Gemforce diamond up.
    /// @param settings What it begins with.
    function init(Settings calldata settings) external initializer {
        __ERC721_init(settings.name, settings.symbol);
        GemStorage.setBaseURI(settings.baseURI);
        MarketStorage.setTreasury(settings.treasury);
        MarketStorage.setFee(settings.feeBps);
        if (settings.royaltyBps != 0) {
            _setDefaultRoyalty(settings.royaltyReceiver, settings.royaltyBps);
            emit IGemforceMinter.RoyaltySet(settings.royaltyReceiver, settings.royaltyBps);
        }
        for (uint256 i = 0; i < settings.minters.length; ++i) {
            DiamondAccess.grant(GemStorage.MINTER_ROLE, settings.minters[i]);
        }
        for (uint256 i = 0; i < settings.pausers.length; ++i) {
            DiamondAccess.grant(DiamondAccess.PAUSER_ROLE, settings.pausers[i]);
        }
        DiamondInterfaces.set(type(IERC721).interfaceId, true);
        DiamondInterfaces.set(type(IERC721Metadata).interfaceId, true);
        DiamondInterfaces.set(type(IERC2981).interfaceId, true);
        _readWhilePaused();
    }

    /// @dev A pause stops what changes something. Wallets and indexers go on reading.
    function _readWhilePaused() private {
        bytes4[16] memory reads = [
            IERC721.balanceOf.selector,
            IERC721.ownerOf.selector,
            IERC721.getApproved.selector,
            IERC721.isApprovedForAll.selector,
            IERC721Metadata.name.selector,
            IERC721Metadata.symbol.selector,
            IERC721Metadata.tokenURI.selector,
            IERC2981.royaltyInfo.selector,
            IGemforceMinter.attributesOf.selector,
            IGemforceMinter.attributeOf.selector,
            IGemforceMinter.totalMinted.selector,
            IGemforceMinter.baseURI.selector,
            IMarketplace.getListing.selector,
            IMarketplace.creditOf.selector,
            IMarketplace.feeBps.selector,
            IMarketplace.treasury.selector
        ];
        for (uint256 i = 0; i < reads.length; ++i) {
            if (DiamondRoutes.serves(reads[i])) DiamondRoutes.setWhilePaused(reads[i], true);
        }
    }

    /// @dev Only so that there is one of it; no diamond serves functions of this contract.
    function supportsInterface(
        bytes4 interfaceId
    ) public view override(ERC721Upgradeable, ERC2981Upgradeable) returns (bool) {
        return super.supportsInterface(interfaceId);
    }
}
