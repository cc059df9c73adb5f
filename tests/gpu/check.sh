#!/bin/sh
# Does the CUDA kernel compute what it should on this machine, and how fast?
#   sh tests/gpu/check.sh            on a machine with an NVIDIA GPU, at most 8 minutes
#   sh tests/gpu/check.sh --emulate  the same logic on the CPU, small, for tests
# Installs nothing: run it after `make environment` and
# `.venv/bin/python -m pip install -r envs/requirements-gpu.txt`. PYTHON names another
# interpreter. Prints one table as Markdown; the exit code is 1 if a row has failed.
cd "$(dirname "$0")/../.." || exit 1
PYTHON=${PYTHON:-.venv/bin/python}
PYTHONPATH="workflow${PYTHONPATH:+:$PYTHONPATH}"
export PYTHONPATH
exec "$PYTHON" tests/gpu/check.py "$@"
