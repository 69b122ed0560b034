# /// redteam
# category = "crash"
# allowed = ["runtime_error", "timeout", "memory_limit", "wrong_answer", "security_violation"]
# limits = { wall_s = 3.0 }
# ///
"""Runs bytecode that no compiler would write."""


def victim():
    return 1


victim.__code__ = victim.__code__.replace(co_code=bytes([100, 255, 83, 0] * 8), co_stacksize=0, co_consts=())
victim()
while True:
    pass
