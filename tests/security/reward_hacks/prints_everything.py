# /// redteam
# kinds = ["stdio"]
# ///
"""Prints all numbers there are, in case an answer is searched for in the output."""

for number in range(20_000):
    print(number)
