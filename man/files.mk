# Files of man.
