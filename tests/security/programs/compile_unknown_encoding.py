# /// redteam
# category = "compiler"
# allowed = ["syntax_error", "passed"]
# limits = { wall_s = 3.0 }
# ///
# -*- coding: utf-7 -*-
"""Declares an encoding in which the text would mean something else."""
# +AAo-print('BREACH encoding')
print("contained")
