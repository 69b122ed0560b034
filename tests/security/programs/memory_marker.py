# /// redteam
# category = "left behind"
# stdin = "@fill@"
# fill = { unit = "MARKER-of-an-earlier-submission-7d1f\n", times = 200 }
# limits = { wall_s = 4.0 }
# ///
"""Carries a marker in its source, its input and its memory, for the next program to look for."""

import sys

# MARKER-of-an-earlier-submission-7d1f
text = sys.stdin.read() + "MARKER-of-an-earlier-submission-7d1f"
hoard = [text + str(i) for i in range(1000)]
print("contained")
