"""Runs a command on a terminal of its own: on-terminal.py QUESTION KEYS COMMAND ARGUMENT...

Types KEYS once QUESTION is shown, prints all that the terminal shows, and ends as the command does.
"""

import os
import pty
import select
import sys

question, keys, *command = sys.argv[1:]
child, terminal = pty.fork()
if child == 0:
    os.execvp(command[0], command)
shown, typed = b"", False
while True:
    if not select.select([terminal], [], [], 60)[0]:
        os.kill(child, 9)
    try:
        text = os.read(terminal, 4096)
    except OSError:
        break
    if not text:
        break
    shown += text
    if not typed and question.encode() in shown:
        os.write(terminal, keys.encode())
        typed = True
sys.stdout.buffer.write(shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) % 256)
