# [error]
# type = "TypeError"
# at = "raise TypeError('cannot register')"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = ""

def register(function):
    raise TypeError('cannot register')


@register
def work():
    pass
