// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// A token as the standard means it, which anyone may mint.
contract PlainToken is ERC20("Plain", "PLN") {
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}

/// Burns a tenth of everything that moves: the recipient gets less than was sent.
contract FeeToken is ERC20("Fee", "FEE") {
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (from == address(0) || to == address(0)) return super._update(from, to, amount);
        uint256 fee = amount / 10;
        super._update(from, address(0), fee);
        super._update(from, to, amount - fee);
    }
}

/// Takes a tenth on top from whoever sends, once it is told to.
contract GreedyToken is ERC20("Greedy", "GRD") {
    bool public greedy;

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function setGreedy(bool on) external {
        greedy = on;
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (greedy && from != address(0) && to != address(0)) super._update(from, address(0), amount / 10);
    }
}

/// Answers false, and moves nothing, once it is told to.
contract FalseToken is ERC20("False", "FLS") {
    bool public failing;

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function setFailing(bool on) external {
        failing = on;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        return failing ? false : super.transfer(to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        return failing ? false : super.transferFrom(from, to, amount);
    }
}

/// Answers nothing at all and has a list of accounts it does not serve, as the big stablecoins do.
contract SilentToken {
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;
    mapping(address => bool) public blocked;

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function setBlocked(address account, bool on) external {
        blocked[account] = on;
    }

    function approve(address spender, uint256 amount) external {
        allowance[msg.sender][spender] = amount;
    }

    function transfer(address to, uint256 amount) external {
        _move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external {
        allowance[from][msg.sender] -= amount;
        _move(from, to, amount);
    }

    function _move(address from, address to, uint256 amount) private {
        require(!blocked[from] && !blocked[to], "blocked");
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }
}

/// Changes every balance at once, by a factor in percent.
contract RebasingToken {
    uint256 public percent = 100;
    mapping(address => uint256) private _shares;
    mapping(address => mapping(address => uint256)) public allowance;

    function mint(address to, uint256 amount) external {
        _shares[to] += (amount * 100) / percent;
    }

    function rebase(uint256 newPercent) external {
        percent = newPercent;
    }

    function balanceOf(address account) public view returns (uint256) {
        return (_shares[account] * percent) / 100;
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        allowance[msg.sender][spender] = amount;
        return true;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        return _move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        allowance[from][msg.sender] -= amount;
        return _move(from, to, amount);
    }

    function _move(address from, address to, uint256 amount) private returns (bool) {
        uint256 share = (amount * 100) / percent;
        _shares[from] -= share;
        _shares[to] += share;
        return true;
    }
}

/// Makes one call of an attacker's choice in the middle of each transfer, before or after the balances change, and
/// remembers what came of it. What that call makes the token do calls nobody.
contract HookedToken is ERC20("Hooked", "HKD") {
    address public target;
    bytes public payload;
    bool public early;
    uint256 public calls;
    bool public succeeded;
    bytes public answer;

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function arm(address target_, bytes calldata payload_, bool early_) external {
        (target, payload, early) = (target_, payload_, early_);
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (early) _hook();
        super._update(from, to, amount);
        if (!early) _hook();
    }

    function _hook() private {
        address to = target;
        if (to == address(0)) return;
        target = address(0);
        ++calls;
        (succeeded, answer) = to.call(payload);
        target = to;
    }
}
