# Files of etc.
EXTRA_DIST += etc/prices.conf
