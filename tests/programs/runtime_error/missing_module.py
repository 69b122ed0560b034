# [error]
# type = "ModuleNotFoundError"
# at = "import a_module_that_is_not_there"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = ""
# [[tests]]
# kind = "assert"
# code = "assert True"

import a_module_that_is_not_there
