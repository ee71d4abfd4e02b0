# Files of tests/bench.
