# Files of contrib.
