// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title How the functions of a diamond are changed, as EIP-2535 has it
/// @notice The ERC-165 identifier of this interface is 0x1f931c1c.
interface IDiamondCut {
    /// @notice What happens to functions.
    enum FacetCutAction {
        Add,
        Replace,
        Remove
    }

    /// @notice One entry of a cut.
    /// @param facetAddress Where the functions are; the zero address when they are removed.
    /// @param action What happens to them.
    /// @param functionSelectors The functions, by selector.
    struct FacetCut {
        address facetAddress;
        FacetCutAction action;
        bytes4[] functionSelectors;
    }

    /// @notice The functions of the diamond were changed. The construction of a diamond says so as well.
    event DiamondCut(FacetCut[] _diamondCut, address _init, bytes _calldata);

    /// @notice Changes functions, entry by entry, and then runs an initialiser in the diamond's storage.
    /// @param _diamondCut The entries.
    /// @param _init The contract with the initialiser. The zero address: none is run, whatever `_calldata` holds.
    /// @param _calldata The call of the initialiser.
    function diamondCut(FacetCut[] calldata _diamondCut, address _init, bytes calldata _calldata) external;
}
