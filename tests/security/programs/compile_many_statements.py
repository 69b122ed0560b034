# /// redteam
# category = "compiler"
# allowed = ["passed", "memory_limit", "timeout"]
# fill = { unit = "a=[1];", times = 200000 }
# limits = { wall_s = 8.0, memory_mb = 512 }
# ///
"""More than a megabyte of statements."""

@fill@
print("contained")
