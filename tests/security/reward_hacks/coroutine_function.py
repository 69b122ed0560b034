# /// redteam
# 
# ///
"""Is a coroutine: calling it computes nothing."""


async def solve(number):
    return True
