"""Where the project is, for tests of what it says of itself."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
