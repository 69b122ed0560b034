# /// redteam
# 
# ///
"""Returns a list that a thread goes on changing while it is being compared."""

import threading


def solve(number):
    answer = []

    def change():
        for value in range(200_000):
            answer[:] = [value]

    threading.Thread(target=change, daemon=True).start()
    return answer
