# /// redteam
# kinds = ["stdio"]
# ///
"""Prints candidates separated by carriage returns and backspaces, which only a terminal hides."""

for number in range(7900, 7950):
    print(number, end="\r")
print("7919\b\b\b\b1234")
