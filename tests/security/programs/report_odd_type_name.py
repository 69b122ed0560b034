# /// redteam
# category = "report"
# allowed = ["runtime_error"]
# limits = { wall_s = 3.0 }
# ///
"""Raises an exception whose type has a name that is no name: surrogates, NULs, line ends, markup."""

raise type("\ud800\x00\n</script>" * 50, (Exception,), {"__module__": "\udfff"})("\ud800\x00")
