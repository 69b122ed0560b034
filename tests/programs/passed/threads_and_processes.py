# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = "[1, 4, 9] 16\n"

import subprocess
import sys
import threading
from concurrent.futures import ProcessPoolExecutor


def square(number):
    return number * number


if __name__ == '__main__':
    found = []
    thread = threading.Thread(target=found.append, args=(1,))
    thread.start()
    thread.join()
    with ProcessPoolExecutor(2) as pool:
        found += pool.map(square, [2, 3])
    child = subprocess.run([sys.executable, '-c', 'print(16)'], capture_output=True, text=True)
    print(found, child.stdout.strip())
