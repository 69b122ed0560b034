# [error]
# type = "ExceptionGroup"
# at = "raise ExceptionGroup('two', [ValueError(1), KeyError(2)])"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = ""

def fail():
    raise ExceptionGroup('two', [ValueError(1), KeyError(2)])


fail()
