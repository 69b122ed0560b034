# /// redteam
# category = "left behind"
# limits = { wall_s = 4.0 }
# ///
"""Connects to the abstract socket of the program before."""

import socket

try:
    socket.socket(socket.AF_UNIX).connect("\0left-behind")
    print("BREACH a socket of the program before answers")
except OSError:
    print("contained")
