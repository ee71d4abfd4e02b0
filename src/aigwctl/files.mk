# Files of aigwctl.
