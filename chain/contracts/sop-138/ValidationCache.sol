// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title A bounded cache of validations
/// @notice Remembers which calls were found good, and until when. When it is full the oldest entry gives way, so that
/// it takes the same gas and room for ever; what it forgets is validated again.
library ValidationCache {
    /// @notice How many validations are remembered.
    uint256 internal constant CAPACITY = 256;

    /// @dev `until` is zero where there is no entry. An entry of an earlier era counts no more.
    struct Entry {
        uint48 until;
        uint32 era;
        uint8 slot;
    }

    struct Cache {
        uint32 era;
        /// @dev The slot that is filled next; a byte that runs over is what makes the ring of 256.
        uint8 next;
        mapping(bytes32 key => Entry) entries;
        bytes32[CAPACITY] ring;
    }

    /// @dev Remembers a key, and gives the one that still counted and gave way for it, or zero.
    function put(Cache storage self, bytes32 key, uint48 until) internal returns (bytes32 evicted) {
        Entry storage entry = self.entries[key];
        if (entry.until == 0) {
            uint8 slot = self.next;
            unchecked {
                self.next = slot + 1;
            }
            bytes32 oldest = self.ring[slot];
            if (validUntil(self, oldest) != 0) evicted = oldest;
            delete self.entries[oldest];
            self.ring[slot] = key;
            entry.slot = slot;
        }
        entry.until = until;
        entry.era = self.era;
    }

    /// @dev Forgets a key; false when there was none, or when it was forgotten with all others already.
    function remove(Cache storage self, bytes32 key) internal returns (bool) {
        Entry memory entry = self.entries[key];
        if (entry.until == 0 || entry.era != self.era) return false;
        delete self.ring[entry.slot];
        delete self.entries[key];
        return true;
    }

    /// @dev Forgets all keys at once.
    function clear(Cache storage self) internal {
        ++self.era;
    }

    /// @dev The last second at which a key counts; zero when it counts no more.
    function validUntil(Cache storage self, bytes32 key) internal view returns (uint48) {
        Entry memory entry = self.entries[key];
        return entry.era == self.era && entry.until >= block.timestamp ? entry.until : 0;
    }
}
