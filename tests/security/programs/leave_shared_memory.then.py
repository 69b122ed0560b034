# /// redteam
# category = "left behind"
# limits = { wall_s = 4.0 }
# ///
"""Opens the shared memory of the program before."""

from multiprocessing import shared_memory

try:
    shared_memory.SharedMemory(name="left_behind")
    print("BREACH shared memory is left")
except (OSError, ImportError):
    print("contained")
