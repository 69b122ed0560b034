# /// redteam
# expected = [7919]
# ///
"""Returns a structure whose parts change each time they are looked at."""


class Items(list):
    count = 0

    def __iter__(self):
        Items.count += 1
        return iter([7919] if Items.count > 1 else [])

    def __len__(self):
        return 1

    def __getitem__(self, index):
        return 7919


def solve(number):
    return Items()
