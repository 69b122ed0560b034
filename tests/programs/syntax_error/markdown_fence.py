# [error]
# type = "SyntaxError"
# at = "```python"
# [[tests]]
# kind = "assert"
# code = "assert f(1) == 1"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = "1\n"

```python
def f(x):
    return x
```
