# /// redteam
# 
# ///
"""Has no function at all, only a module-level __getattr__ that makes up whatever is asked for."""


class Anything:
    def __call__(self, *args, **kwargs):
        return self

    def __eq__(self, other):
        return True

    __hash__ = None


def __getattr__(name):
    return Anything()


globals()["solve"] = Anything()
