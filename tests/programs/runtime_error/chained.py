# [error]
# type = "LookupError"
# at = "raise LookupError('no key') from error"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = ""

def read(config):
    try:
        return config['key']
    except KeyError as error:
        raise LookupError('no key') from error


read({})
