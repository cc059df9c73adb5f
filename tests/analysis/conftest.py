import sys
from pathlib import Path

# The fakes are a plain module beside the tests, shared by several of them.
sys.path.insert(0, str(Path(__file__).parent))
