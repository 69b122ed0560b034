# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = "42 True\n"

import os
import tempfile

with open('answer.txt', 'w') as file:
    file.write('42')
with tempfile.TemporaryDirectory() as folder:
    os.rename('answer.txt', os.path.join(folder, 'a'))
    print(open(os.path.join(folder, 'a')).read(), os.listdir('.') == ['main.py'])
