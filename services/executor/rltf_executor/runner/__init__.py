"""The code inside the sandbox: a fork server that compiles, confines, runs and reports.

Standard library only. It runs on the Python of the sandbox (3.11 to 3.14), not on the service's,
and imports nothing outside this folder.

Theory of operation. The process the container starts (``main``) moves into a user and pid namespace
of its own and forks the server (``serve``), which holds no program, no test and no answer in its
memory: a submission's bytes go from stdin into a memfd, a program's output from a pipe to stdout,
both through one buffer that is wiped. For every process a submission needs, ``launch`` forks a
child into fresh namespaces; the child confines itself (``confine``), reads its job from the memfd
and runs it (``program``), while ``watch`` enforces time and output from outside. Killing the init
of the child's pid namespace ends everything it ever started.

What this does not protect from: faults of the kernel, and side channels between neighbours on one
machine.
"""
