// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// What a static analysis has to find: flaws on purpose.
contract Flawed {
    mapping(address account => uint256) public balanceOf;

    function deposit() external payable {
        balanceOf[msg.sender] += msg.value;
    }

    function withdraw() external {
        (bool done, ) = msg.sender.call{value: balanceOf[msg.sender]}("");
        require(done);
        balanceOf[msg.sender] = 0;
    }

    function sweep(IERC20 token, address from, address to, uint256 amount) external {
        token.transferFrom(from, to, amount);
    }
}
