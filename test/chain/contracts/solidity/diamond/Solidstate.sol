// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {DiamondReadable} from "@solidstate/contracts/proxy/diamond/readable/DiamondReadable.sol";
import {DiamondWritable} from "@solidstate/contracts/proxy/diamond/writable/DiamondWritable.sol";

/// What a tool that was made for the diamonds of another project calls.
contract SolidstateView is DiamondReadable, DiamondWritable {}
