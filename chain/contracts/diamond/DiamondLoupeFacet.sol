// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {
    IAccessControlEnumerable
} from "@openzeppelin/contracts/access/extensions/IAccessControlEnumerable.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {DiamondInterfaces} from "./DiamondInterfaces.sol";
import {DiamondRoutes} from "./DiamondRoutes.sol";
import {IDiamondCut} from "./IDiamondCut.sol";
import {IDiamondLoupe} from "./IDiamondLoupe.sol";
import {IERC173} from "./IERC173.sol";

/// @title The facet that says what the diamond serves
contract DiamondLoupeFacet is IDiamondLoupe, IERC165 {
    /// @inheritdoc IDiamondLoupe
    function facets() external view returns (Facet[] memory facets_) {
        DiamondRoutes.Stored storage store = DiamondRoutes.stored();
        facets_ = new Facet[](store.facets.length);
        for (uint256 i = 0; i < facets_.length; ++i) {
            address facet = store.facets[i];
            facets_[i] = Facet(facet, store.served[facet].selectors);
        }
    }

    /// @inheritdoc IDiamondLoupe
    function facetFunctionSelectors(
        address _facet
    ) external view returns (bytes4[] memory facetFunctionSelectors_) {
        return DiamondRoutes.stored().served[_facet].selectors;
    }

    /// @inheritdoc IDiamondLoupe
    function facetAddresses() external view returns (address[] memory facetAddresses_) {
        return DiamondRoutes.stored().facets;
    }

    /// @inheritdoc IDiamondLoupe
    function facetAddress(bytes4 _functionSelector) external view returns (address facetAddress_) {
        return DiamondRoutes.stored().routes[_functionSelector].facet;
    }

    /// @inheritdoc IERC165
    /// @dev For the diamond's own interfaces the routes answer, so a cut that takes a function away is told at once.
    /// For others it is what an initialiser said: nine routes of ERC-721 could cost more than the 30,000 gas that
    /// ERC-165 allows.
    function supportsInterface(bytes4 interfaceId) external view returns (bool) {
        if (interfaceId == type(IERC165).interfaceId) return true;
        if (interfaceId == type(IDiamondCut).interfaceId) {
            return DiamondRoutes.serves(IDiamondCut.diamondCut.selector);
        }
        if (interfaceId == type(IDiamondLoupe).interfaceId) {
            return
                DiamondRoutes.serves(IDiamondLoupe.facets.selector) &&
                DiamondRoutes.serves(IDiamondLoupe.facetFunctionSelectors.selector) &&
                DiamondRoutes.serves(IDiamondLoupe.facetAddresses.selector) &&
                DiamondRoutes.serves(IDiamondLoupe.facetAddress.selector);
        }
        if (interfaceId == type(IERC173).interfaceId) {
            return
                DiamondRoutes.serves(IERC173.owner.selector) &&
                DiamondRoutes.serves(IERC173.transferOwnership.selector);
        }
        if (interfaceId == type(IAccessControl).interfaceId) {
            return
                DiamondRoutes.serves(IAccessControl.hasRole.selector) &&
                DiamondRoutes.serves(IAccessControl.getRoleAdmin.selector) &&
                DiamondRoutes.serves(IAccessControl.grantRole.selector) &&
                DiamondRoutes.serves(IAccessControl.revokeRole.selector) &&
                DiamondRoutes.serves(IAccessControl.renounceRole.selector);
        }
        if (interfaceId == type(IAccessControlEnumerable).interfaceId) {
            return
                DiamondRoutes.serves(IAccessControlEnumerable.getRoleMember.selector) &&
                DiamondRoutes.serves(IAccessControlEnumerable.getRoleMemberCount.selector);
        }
        return DiamondInterfaces.stored().supported[interfaceId];
    }
}
