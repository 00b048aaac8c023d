// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    TransparentUpgradeableProxy
} from "@openzeppelin/contracts/proxy/transparent/TransparentUpgradeableProxy.sol";
import {TransparentStart} from "./TransparentStart.sol";

/// @title A transparent proxy whose address does not depend on its implementation
/// @notice It is OpenZeppelin's TransparentUpgradeableProxy with its own ProxyAdmin. Only what it is created with is its
/// own: an implementation that does nothing. See UupsProxy for why.
contract TransparentProxy is TransparentUpgradeableProxy {
    /// @param owner Owns the ProxyAdmin, and so brings the first implementation and all that follow.
    constructor(
        address owner
    )
        TransparentUpgradeableProxy(
            address(new TransparentStart()),
            owner,
            abi.encodeCall(TransparentStart.start, ())
        )
    {}
}
