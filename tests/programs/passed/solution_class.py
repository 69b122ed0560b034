# [[tests]]
# kind = "call"
# function = "twoSum"
# args = [[2, 7, 11, 15], 9]
# expected = [0, 1]
# [[tests]]
# kind = "call"
# function = "Solution.twoSum"
# args = [[3, 3], 6]
# expected = [0, 1]
# [[tests]]
# kind = "call"
# function = "Counter.count"
# args = ["aab"]
# expected = {97 = 2, 98 = 1}

class Solution:
    def twoSum(self, nums, target):
        seen = {}
        for i, n in enumerate(nums):
            if target - n in seen:
                return seen[target - n], i
            seen[n] = i


class Counter:
    def count(self, word):
        return {ord(c): word.count(c) for c in word}
