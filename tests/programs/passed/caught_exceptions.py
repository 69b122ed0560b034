# [[tests]]
# kind = "assert"
# code = "assert parse('12') == 12"
# [[tests]]
# kind = "assert"
# code = "assert parse('x') == 'ValueError'"
# [[tests]]
# kind = "assert"
# code = "assert recovers() == 'recovered'"

def parse(text):
    try:
        return int(text)
    except ValueError as error:
        return type(error).__name__


def deep():
    return deep()


def recovers():
    try:
        deep()
    except RecursionError:
        return 'recovered'
