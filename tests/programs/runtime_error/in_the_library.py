# [error]
# type = "JSONDecodeError"
# at = "return json.loads(text)"
# [[tests]]
# kind = "call"
# function = "load"
# args = ["{"]
# expected = {}

import json


def load(text):
    return json.loads(text)
